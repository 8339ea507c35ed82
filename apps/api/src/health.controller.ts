import { Controller, Get, HttpCode, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { SystemHealth } from '@maas/contracts/health';
import { Access } from './auth/access.decorator.js';
import { Probes } from './probes.service.js';
import { SystemHealthService } from './system-health.service.js';

@ApiTags('health')
@Controller()
@Access('public')
export class HealthController {
  constructor(
    @Inject(Probes) private readonly probes: Probes,
    @Inject(SystemHealthService) private readonly system: SystemHealthService,
  ) {}

  @Get(['healthz', 'health'])
  @ApiOperation({ summary: 'The process is alive' })
  healthz() {
    return { status: 'healthy' };
  }

  @Get('readyz')
  @HttpCode(200)
  @ApiOperation({ summary: 'Send requests here: started, and not about to stop; degraded: without the database' })
  readyz(@Res({ passthrough: true }) reply: FastifyReply) {
    const { serves, answer } = this.probes.ready();
    if (!serves) void reply.status(503);
    return answer;
  }

  @Get('maas-api/v1/admin/health')
  @Access('admin')
  @ApiOperation({ summary: 'How the process that answers is, and what it needs; also while the database is away' })
  @ApiResponse({ status: 200, description: 'Also when something is down: see `status`.', standardSchema: SystemHealth })
  health(): Promise<SystemHealth> {
    return this.system.read();
  }
}
