import { Controller, Get, HttpCode, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Access } from './auth/access.decorator.js';
import { Readiness } from './http/readiness.js';

@ApiTags('health')
@Controller()
@Access('public')
export class HealthController {
  constructor(@Inject(Readiness) private readonly readiness: Readiness) {}

  @Get(['healthz', 'health'])
  @ApiOperation({ summary: 'The process is alive' })
  healthz() {
    return { status: 'healthy' };
  }

  @Get('readyz')
  @HttpCode(200)
  @ApiOperation({ summary: 'Send requests here: started, and not about to stop' })
  readyz(@Res({ passthrough: true }) reply: FastifyReply) {
    if (!this.readiness.ready) void reply.status(503);
    return { status: this.readiness.ready ? 'ready' : 'not ready' };
  }
}
