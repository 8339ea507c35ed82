import { createTestDatabase, type TestDatabase } from '@maas/database/test-database';
import pg from 'pg';
import { DatabaseService } from '../src/database/database.service.js';
import { UsageBacklog } from '../src/usage/usage-backlog.js';
import { UsageJournal } from '../src/usage/usage-journal.js';
import { writeUsage } from '../src/usage/write-usage.js';
import { type DatabaseGate, startDatabaseGate } from './journal-gate.js';
import { LogForTest, temporaryFolder } from './journal-rows.js';

/** What rows, or the sums over them, come to. */
export interface UsageTotals {
  readonly requests: number;
  readonly prompt: number;
  readonly completion: number;
  readonly duration: number;
}

/** A journal on disk, and a database behind a gate that it is delivered to. */
export class JournalStand {
  readonly folder = temporaryFolder();

  private constructor(
    private readonly test: TestDatabase,
    readonly gate: DatabaseGate,
    private readonly direct: pg.Client,
    readonly service: DatabaseService,
  ) {}

  static async create(): Promise<JournalStand> {
    const test = await createTestDatabase(process.env['MAAS_TEST_POSTGRES'] ?? '');
    const gate = await startDatabaseGate(test.url);
    const direct = new pg.Client({ connectionString: test.url });
    await direct.connect();
    return new JournalStand(test, gate, direct, new DatabaseService(gate.url));
  }

  /** Takes the journal over, as a process does at its start. */
  async start(): Promise<UsageBacklog> {
    const log = new LogForTest();
    const journal = new UsageJournal(this.folder.path, { log });
    journal.open();
    await journal.claim();
    return new UsageBacklog(journal, log);
  }

  /** Delivers everything. */
  async ship(backlog: UsageBacklog): Promise<void> {
    for (let batch = await backlog.next(500, Infinity); batch; batch = await backlog.next(500, Infinity)) {
      await writeUsage(this.service.writer, batch.rows);
      batch.settle();
    }
  }

  totals(of: 'rows' | 'sums'): Promise<UsageTotals | undefined> {
    return this.read(of === 'rows' ? 'count(*)' : 'sum(requests)', of === 'rows' ? 'usage_event' : 'usage_hourly');
  }

  private async read(requests: string, table: string): Promise<UsageTotals | undefined> {
    const { rows } = await this.direct.query<UsageTotals>(
      `SELECT ${requests}::int AS requests, sum(prompt_tokens)::int AS prompt, sum(completion_tokens)::int AS completion,
        sum(duration_ms)::int AS duration
       FROM ${table}`,
    );
    return rows[0];
  }

  async remove(): Promise<void> {
    await this.service.onApplicationShutdown();
    await this.gate.close();
    await this.direct.end();
    await this.test.drop();
    this.folder.remove();
  }
}
