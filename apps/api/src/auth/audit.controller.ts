import { Readable } from 'node:stream';
import { Controller, Get, Headers, Inject, Param, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AuditEntry, AuditQuery } from '@maas/contracts/auth';
import { ErrorBody } from '@maas/contracts/errors';
import { pageOf } from '@maas/contracts/paging';
import { Clock } from '../http/clock.js';
import { csvHeader, csvLine } from '../http/csv.js';
import { Access } from './access.decorator.js';
import { type AuditFilter, AuditService } from './audit.service.js';
import type { Caller } from './caller.js';
import { User } from './caller.decorator.js';

const columns = [
  'id',
  'at',
  'actorId',
  'actorName',
  'action',
  'targetType',
  'targetId',
  'before',
  'after',
  'address',
  'requestId',
];
const CSV = 'text/csv';
const LINES = 'application/x-ndjson';

@ApiTags('admin')
@Controller('maas-api/v1/admin/audit')
@Access('admin')
export class AuditController {
  constructor(
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  @Get()
  @ApiProduces('application/json', CSV, LINES)
  @ApiOperation({
    summary: 'Who changed what, the newest first',
    description: 'All that the filter holds as a download when you accept text/csv or application/x-ndjson.',
  })
  @ApiResponse({ status: 200, standardSchema: pageOf(AuditEntry, 'AuditPage') })
  async list(
    @User() caller: Caller,
    @Query({ schema: AuditQuery }) query: AuditQuery,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    void reply.header('vary', 'accept');
    const type = [CSV, LINES].find((one) => accept?.includes(one));
    if (type === undefined) return this.audit.list(query);
    const { limit: _limit, after: _after, ...filter } = query;
    return this.download(caller, type, filter);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One entry of the audit log' })
  @ApiResponse({ status: 200, standardSchema: AuditEntry })
  @ApiResponse({ status: 404, description: 'There is no such entry.', standardSchema: ErrorBody })
  get(@Param('id') id: string): Promise<AuditEntry> {
    return this.audit.get(id);
  }

  /** That somebody took it away is itself an entry: of the download too, where its filter holds it. */
  private async download(caller: Caller, type: string, filter: AuditFilter): Promise<StreamableFile> {
    await this.audit.recordAlone(caller, {
      action: 'audit.export',
      targetType: 'audit',
      targetId: type,
      after: { filter },
    });
    const isCsv = type === CSV;
    const today = new Date(this.clock.now()).toISOString();
    const range = `${(filter.from ?? 'begin').slice(0, 10)}_${(filter.to ?? today).slice(0, 10)}`;
    return new StreamableFile(Readable.from(linesOf(this.audit.all(filter), isCsv)), {
      type: isCsv ? `${CSV}; charset=utf-8` : LINES,
      disposition: `attachment; filename="audit_${range}.${isCsv ? 'csv' : 'ndjson'}"`,
    });
  }
}

async function* linesOf(entries: AsyncIterable<AuditEntry>, isCsv: boolean): AsyncGenerator<string> {
  if (isCsv) yield csvHeader(columns);
  for await (const entry of entries) yield isCsv ? csvLine(columns, entry) : `${JSON.stringify(entry)}\n`;
}
