import { Controller, Get, Headers, Inject, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AdminUsageQuery, OwnUsageQuery, UsageReport, type UsageGroup } from '@maas/contracts/usage';
import { Access } from '../auth/access.decorator.js';
import type { Caller } from '../auth/caller.js';
import { User } from '../auth/caller.decorator.js';
import { toCsv } from '../http/csv.js';
import { UsageService } from './usage.service.js';

const sums = [
  'requests',
  'errors',
  'refused',
  'promptTokens',
  'completionTokens',
  'totalTokens',
  'averageDurationMs',
  'averageFirstByteMs',
];
const groupFields: Partial<Record<UsageGroup, string[]>> = {
  token: ['token', 'tokenName'],
  user: ['user', 'username'],
};

@ApiTags('usage')
@ApiProduces('application/json', 'text/csv')
@Controller('maas-api/v1')
export class UsageController {
  constructor(@Inject(UsageService) private readonly usage: UsageService) {}

  @Get('usage')
  @Access('identity')
  @ApiOperation({ summary: 'Your own usage; as CSV when you accept text/csv' })
  @ApiResponse({ status: 200, standardSchema: UsageReport })
  async own(
    @User() caller: Caller,
    @Query({ schema: OwnUsageQuery }) query: OwnUsageQuery,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.answer(await this.usage.report({ ...query, user: caller.userId }), accept, reply);
  }

  @Get('admin/usage')
  @Access('admin')
  @ApiOperation({ summary: 'Everybody’s usage; as CSV when you accept text/csv' })
  @ApiResponse({ status: 200, standardSchema: UsageReport })
  async all(
    @Query({ schema: AdminUsageQuery }) query: AdminUsageQuery,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.answer(await this.usage.report(query), accept, reply);
  }

  private answer(report: UsageReport, accept: string | undefined, reply: FastifyReply): UsageReport | string {
    void reply.header('vary', 'accept');
    if (!accept?.includes('text/csv')) return report;
    const columns = [...report.groupBy.flatMap((group) => groupFields[group] ?? [group]), ...sums];
    const range = `${report.from.slice(0, 10)}_${report.to.slice(0, 10)}`;
    void reply.header('content-disposition', `attachment; filename="usage_${range}.csv"`);
    void reply.type('text/csv; charset=utf-8');
    return toCsv(columns, report.data);
  }
}
