import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { createPool, createPrismaClient, type PrismaClient } from '@maas/database/client';
import { ConnectionGate } from './connection-gate.js';
import { DatabaseMonitor, type DatabaseStanding } from './database-monitor.js';
import { reasonOf } from './unreachable.js';

/** Inference needs none: these serve the control plane. */
const MAX_CONNECTIONS = 10;
/** Usage is written in one batch after the other. */
const MAX_WRITER_CONNECTIONS = 1;

/** What the usage writer needs of a connection. */
export interface Statements {
  query(text: string, values: readonly string[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/**
 * The database connections of the process. While the database is away they fail at once, so that nobody waits for it; when it
 * answers again they are made anew, and so they are when a failover has left them dead without a word.
 */
@Injectable()
export class DatabaseService implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly client: PrismaClient;
  /** Apart from the others, so that a busy control plane does not hold usage back. */
  readonly writer: Statements;
  private readonly logger = new Logger('Database');
  private readonly pool: ReturnType<typeof createPool>;
  private readonly gate = new ConnectionGate();
  private readonly monitor: DatabaseMonitor;
  private readonly onReturn: (() => void)[] = [];
  private prepare: (() => Promise<void>) | undefined;
  private now: DatabaseStanding = { available: true };

  constructor(readonly url: string) {
    const { openSocket } = this.gate;
    this.client = createPrismaClient({ url, maxConnections: MAX_CONNECTIONS, openSocket });
    this.pool = createPool({ url, maxConnections: MAX_WRITER_CONNECTIONS, openSocket });
    this.writer = { query: (text, values) => this.pool.query(text, [...values]) };
    this.monitor = new DatabaseMonitor(url, {
      lost: (why) => this.lose(why),
      found: () => this.find(),
      silenced: () => this.renew(),
    });
  }

  get standing(): DatabaseStanding {
    return this.now;
  }

  /** Makes a socket for a connection beside these, which then fails as they do. */
  get openSocket(): ConnectionGate['openSocket'] {
    return this.gate.openSocket;
  }

  /** Who is told each time that the database can be used again, which may be another one by then. It must not throw. */
  whenItReturns(listener: () => void): void {
    this.onReturn.push(listener);
  }

  /** Lets nobody to the database until it answers and `prepare` has succeeded, once. */
  withhold(why: unknown, prepare: () => Promise<void>): void {
    this.prepare = prepare;
    this.lose(why);
  }

  onApplicationBootstrap(): void {
    this.monitor.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.monitor.stop();
    await Promise.all([this.client.$disconnect(), this.pool.end()]);
  }

  private lose(why: unknown): void {
    const { now } = this;
    if (now.available || reasonOf(now.why) !== reasonOf(why)) {
      this.logger.error(`The database cannot be used, and is tried again: ${reasonOf(why)}`);
    }
    this.now = { available: false, since: now.available ? Date.now() : now.since, why };
    this.gate.close();
  }

  private async find(): Promise<void> {
    const { now } = this;
    if (now.available) return;
    await this.prepare?.();
    this.prepare = undefined;
    this.gate.open();
    this.now = { available: true };
    this.logger.log(`The database can be used again, after ${Math.round((Date.now() - now.since) / 1000)} s`);
    this.tellReturn();
  }

  /** On what is open nobody would be answered until the system gives it up, which takes it a quarter of an hour. */
  private renew(): void {
    if (!this.now.available) return;
    this.logger.warn(
      'What is open to the database is silent and a new connection is answered, as after a failover: all are made anew',
    );
    this.gate.cut();
    this.tellReturn();
  }

  private tellReturn(): void {
    for (const tell of this.onReturn) tell();
  }
}
