import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { Session } from '@maas/database/client';
import { CONFIG, type Config } from '../config.js';
import { DatabaseService } from '../database/database.service.js';
import { Clock } from '../http/clock.js';

const SEEN_AGAIN_MILLISECONDS = 60_000;
const WRITE_MILLISECONDS = 5000;
const SWEEP_MILLISECONDS = 600_000;

/** Unix milliseconds. */
interface Use {
  /** Of the last request. */
  at: number;
  /** What the database says of it. */
  written: number;
}

/** When sessions were last used: in memory at once, in the database at most once a minute each; and the end of those that are over. */
@Injectable()
export class SessionUses implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(SessionUses.name);
  /** By the hash of the session's secret. */
  private readonly seen = new Map<string, Use>();
  private readonly unwritten = new Set<string>();
  private timers: NodeJS.Timeout[] = [];

  constructor(
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.timers = [
      setInterval(() => void this.write(), WRITE_MILLISECONDS).unref(),
      setInterval(() => void this.sweep(), SWEEP_MILLISECONDS).unref(),
    ];
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.write();
  }

  note({ secretHash, lastSeenAt }: Session): void {
    const at = this.clock.now();
    const written = this.seen.get(secretHash)?.written ?? lastSeenAt.getTime();
    this.seen.set(secretHash, { at, written });
    if (at - written >= SEEN_AGAIN_MILLISECONDS) this.unwritten.add(secretHash);
  }

  /**
   * A session with what is known of its last use here, where that is newer.
   * @param session as the database knows it
   */
  applied(session: Session): Session {
    const at = this.seen.get(session.secretHash)?.at ?? 0;
    return at > session.lastSeenAt.getTime() ? { ...session, lastSeenAt: new Date(at) } : session;
  }

  /** Writes what is due. */
  async write(): Promise<void> {
    if (this.unwritten.size === 0) return;
    const uses = [...this.unwritten].map((hash) => ({ hash, at: this.seen.get(hash)?.at ?? 0 }));
    const hashes = uses.map(({ hash }) => hash);
    const times = uses.map(({ at }) => new Date(at));
    this.unwritten.clear();
    try {
      await this.database.client.$executeRaw`
        UPDATE session SET last_seen_at = GREATEST(last_seen_at, used.at)
        FROM (SELECT unnest(${hashes}::text[]) AS hash, unnest(${times}::timestamptz[]) AS at) AS used
        WHERE session.secret_hash = used.hash`;
      for (const { hash, at } of uses) {
        const use = this.seen.get(hash);
        if (use) use.written = at;
      }
    } catch (error) {
      for (const hash of hashes) this.unwritten.add(hash);
      this.logger.warn(
        `The last use of ${hashes.length} sessions could not be written yet: ${(error as Error).message}`,
      );
    }
  }

  /** Deletes the sessions that are over, here as in the database. */
  async sweep(): Promise<void> {
    const now = this.clock.now();
    // Another process writes what it has seen within two minutes.
    const idleSince = now - this.config.SESSION_IDLE_TIMEOUT - 2 * SEEN_AGAIN_MILLISECONDS;
    // What was seen within the last minute may not be due to be written, and must not be taken for idle.
    for (const hash of this.seen.keys()) this.unwritten.add(hash);
    await this.write();
    try {
      const { count } = await this.database.client.session.deleteMany({
        where: { OR: [{ expiresAt: { lte: new Date(now) } }, { lastSeenAt: { lte: new Date(idleSince) } }] },
      });
      // What is written, and not used since, the database knows as well.
      for (const [hash, { at }] of this.seen) if (at < now && !this.unwritten.has(hash)) this.seen.delete(hash);
      if (count > 0) this.logger.log(`${count} sessions that were over are deleted`);
    } catch (error) {
      this.logger.warn(`Sessions that are over could not be deleted yet: ${(error as Error).message}`);
    }
  }
}
