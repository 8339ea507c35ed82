import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { DatabaseService } from '../database/database.service.js';
import { reasonOf } from '../database/unreachable.js';
import { Clock } from '../http/clock.js';

const WRITE_MILLISECONDS = 2000;

/** Notes when a token was last used: in memory on the hot path, written now and then. */
@Injectable()
export class TokenUses implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(TokenUses.name);
  private uses = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private failing = false;

  constructor(
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  note(jti: string): void {
    this.uses.set(jti, this.clock.now());
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.write(), WRITE_MILLISECONDS);
    this.timer.unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.write();
  }

  private async write(): Promise<void> {
    if (this.uses.size === 0) return;
    const uses = this.uses;
    this.uses = new Map();
    const times = [...uses.values()].map((time) => new Date(time));
    try {
      await this.database.client.$executeRaw`
        UPDATE issued_token SET last_used_at = GREATEST(last_used_at, used.at)
        FROM (SELECT unnest(${[...uses.keys()]}::uuid[]) AS jti, unnest(${times}::timestamptz[]) AS at) AS used
        WHERE issued_token.jti = used.jti`;
      this.failing = false;
    } catch (error) {
      // Kept for the next attempt; a newer use of the same token wins.
      for (const [jti, time] of uses) if (!this.uses.has(jti)) this.uses.set(jti, time);
      if (!this.failing) this.logger.warn(`When tokens were last used cannot be written yet: ${reasonOf(error)}`);
      this.failing = true;
    }
  }
}
