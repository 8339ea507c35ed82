import { hostname } from 'node:os';
import { Inject, Injectable } from '@nestjs/common';
import { ClusterReport } from '@maas/contracts/cluster';
import { DatabaseService } from '../database/database.service.js';
import { Clock } from '../http/clock.js';

/** What the process that watches said last. */
export interface KeptReport extends ClusterReport {
  readonly process: string;
  readonly confirmedAt: Date;
}

/** The reports of what is watched, which the one process that watches keeps for all. The only writer of their table. */
@Injectable()
export class ClusterReports {
  private readonly process = `${hostname()}:${process.pid}`;

  constructor(
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @param source such as `models` */
  async keep(source: string, report: ClusterReport): Promise<void> {
    const said = { report, process: this.process, confirmedAt: new Date(this.clock.now()) };
    await this.database.client.clusterWatch.upsert({
      where: { source },
      create: { source, ...said },
      update: said,
    });
  }

  /** @returns undefined: nobody has watched it yet */
  async read(source: string): Promise<KeptReport | undefined> {
    const row = await this.database.client.clusterWatch.findUnique({ where: { source } });
    if (!row) return undefined;
    return { ...ClusterReport.parse(row.report), process: row.process, confirmedAt: row.confirmedAt };
  }
}
