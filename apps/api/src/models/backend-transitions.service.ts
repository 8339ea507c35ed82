import { hostname } from 'node:os';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { BackendTransition, HealthQuery } from '@maas/contracts/backends';
import { Prisma } from '@maas/database/client';
import { page, readCursor } from '../database/cursor.js';
import { logFailedWork } from '../database/database-error.js';
import { DatabaseService } from '../database/database.service.js';
import { ApiError } from '../http/api-error.js';
import { Clock } from '../http/clock.js';
import { BackendHealthRegistry, type Transition } from './backend-health.service.js';

const DAY = 86_400_000;
const KEPT_MILLISECONDS = 30 * DAY;
const DEFAULT_RANGE = 7 * DAY;
const WRITE_MILLISECONDS = 1000;
const PRUNE_MILLISECONDS = 60 * 60_000;
const MOST_WAITING = 10_000;
const CURSOR = /^\d{1,14} [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

type Waiting = Transition & { id: string; at: Date; process: string };
type Row = Pick<BackendTransition, 'id' | 'url' | 'reason' | 'process'> & {
  backend_id: string;
  ready: boolean;
  at: Date;
  until: Date | null;
};

/** Keeps for 30 days when backends stopped and began to be ready: noted in memory, written within a second. */
@Injectable()
export class BackendTransitions implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Backends');
  private readonly process = `${hostname()}:${process.pid}`;
  private waiting: Waiting[] = [];
  private writing: Promise<void> | undefined;
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(BackendHealthRegistry) registry: BackendHealthRegistry,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    registry.observeBy((transition) => this.note(transition));
  }

  onApplicationBootstrap(): void {
    void this.prune();
    this.timers.push(
      setInterval(() => void this.flush(), WRITE_MILLISECONDS).unref(),
      setInterval(() => void this.prune(), PRUNE_MILLISECONDS).unref(),
    );
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.flush();
  }

  /** Writes what was noted before the call. Never rejects: what cannot be written is kept for the next time. */
  async flush(): Promise<void> {
    await this.writing;
    this.writing ??= this.write().finally(() => (this.writing = undefined));
    await this.writing;
  }

  /**
   * What happened to the backends of a model, the newest first.
   * @throws ApiError 400 when the range is empty
   */
  async list(modelId: string, { limit, after, backend, ...range }: HealthQuery) {
    const to = range.to === undefined ? this.clock.now() + 1 : Date.parse(range.to);
    const from = range.from === undefined ? to - DEFAULT_RANGE : Date.parse(range.from);
    if (from >= to) throw new ApiError('invalid_request', { message: 'from must be before to', param: 'from' });
    const [time, id] = readCursor(after, CURSOR)?.split(' ') ?? [];
    const rows = await this.database.client.$queryRaw<Row[]>`
      SELECT seen.id, seen.backend_id, seen.ready, seen.reason, seen.at, seen.process, backend.url,
        (SELECT min(next.at) FROM backend_transition AS next
          WHERE next.model_id = seen.model_id AND next.at >= seen.at AND (next.at, next.id) > (seen.at, seen.id)
            AND next.backend_id = seen.backend_id AND next.process = seen.process) AS until
      FROM backend_transition AS seen LEFT JOIN backend ON backend.id = seen.backend_id
      WHERE seen.model_id = ${modelId} AND seen.at >= ${new Date(from)} AND seen.at < ${new Date(to)}
        ${backend === undefined ? Prisma.empty : Prisma.sql`AND seen.backend_id = ${backend}::uuid`}
        ${id === undefined ? Prisma.empty : Prisma.sql`AND (seen.at, seen.id) < (${new Date(Number(time))}, ${id}::uuid)`}
      ORDER BY seen.at DESC, seen.id DESC LIMIT ${limit + 1}`;
    return page(rows, limit, (row) => `${row.at.getTime()} ${row.id}`, shown);
  }

  private note(transition: Transition): void {
    if (this.waiting.length >= MOST_WAITING) this.waiting.shift();
    this.waiting.push({ ...transition, id: uuidv7(), at: new Date(this.clock.now()), process: this.process });
  }

  private async write(): Promise<void> {
    const data = this.waiting;
    if (data.length === 0) return;
    this.waiting = [];
    try {
      await this.database.client.backendTransition.createMany({ data, skipDuplicates: true });
    } catch (error) {
      this.waiting = [...data, ...this.waiting].slice(-MOST_WAITING);
      logFailedWork(this.logger, 'The health history of backends could not be written yet', error);
    }
  }

  /** Forgets what is older than 30 days. Never rejects. */
  async prune(): Promise<void> {
    const before = new Date(this.clock.now() - KEPT_MILLISECONDS);
    try {
      await this.database.client.backendTransition.deleteMany({ where: { at: { lt: before } } });
    } catch (error) {
      logFailedWork(this.logger, 'The health history of backends could not be shortened', error);
    }
  }
}

function shown({ id, backend_id, url, ready, reason, at, until, process: by }: Row): BackendTransition {
  return {
    object: 'backend_transition',
    id,
    backend: backend_id,
    url,
    state: ready ? 'up' : 'down',
    reason,
    at: at.toISOString(),
    until: until?.toISOString() ?? null,
    seconds: until === null ? null : (until.getTime() - at.getTime()) / 1000,
    process: by,
  };
}
