import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { createPool, createPrismaClient, type PrismaClient } from '@maas/database/client';

/** Inference needs none: these serve the control plane. */
const MAX_CONNECTIONS = 10;
/** Usage is written in one batch after the other. */
const MAX_WRITER_CONNECTIONS = 1;

/** What the usage writer needs of a connection. */
export interface Statements {
  query(text: string, values: readonly string[]): Promise<unknown>;
}

/** The database connections of the process. */
@Injectable()
export class DatabaseService implements OnApplicationShutdown {
  readonly client: PrismaClient;
  /** Apart from the others, so that a busy control plane does not hold usage back. */
  readonly writer: Statements;
  private readonly pool: ReturnType<typeof createPool>;

  constructor(readonly url: string) {
    this.client = createPrismaClient({ url, maxConnections: MAX_CONNECTIONS });
    this.pool = createPool({ url, maxConnections: MAX_WRITER_CONNECTIONS });
    this.writer = { query: (text, values) => this.pool.query(text, [...values]) };
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.client.$disconnect(), this.pool.end()]);
  }
}
