import { Controller, Get, HttpCode, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { SystemHealth } from '@maas/contracts/health';
import { Access } from './auth/access.decorator.js';
import { ChangeFeedService } from './database/change-feed.service.js';
import { DatabaseService } from './database/database.service.js';
import { Readiness } from './http/readiness.js';
import { SystemHealthService } from './system-health.service.js';
import { Limiter } from './tiers/limiter.service.js';

@ApiTags('health')
@Controller()
@Access('public')
export class HealthController {
  constructor(
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(ChangeFeedService) private readonly feed: ChangeFeedService,
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(SystemHealthService) private readonly system: SystemHealthService,
    @Inject(Limiter) private readonly limiter: Limiter,
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
    const serves = this.readiness.ready && this.feed.isUsable;
    if (!serves) void reply.status(503);
    const { state, since, why } = this.limiter.state();
    const limits = { state, since, ...(why === undefined ? {} : { why }) };
    const { standing } = this.database;
    if (standing.available) return { status: serves ? 'ready' : 'not ready', limits };
    // Only what everybody may know: the log has the reason.
    const outage = { reason: 'The database cannot be used', since: new Date(standing.since).toISOString() };
    return { status: serves ? 'degraded' : 'not ready', ...outage, limits };
  }

  @Get('maas-api/v1/admin/health')
  @Access('admin')
  @ApiOperation({ summary: 'How the process that answers is, and what it needs; also while the database is away' })
  @ApiResponse({ status: 200, description: 'Also when something is down: see `status`.', standardSchema: SystemHealth })
  health(): Promise<SystemHealth> {
    return this.system.read();
  }
}
