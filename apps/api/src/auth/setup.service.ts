import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Setup } from '@maas/contracts/auth';
import type { Transaction } from '../database/change-feed.service.js';
import { DatabaseService } from '../database/database.service.js';
import { ApiError } from '../http/api-error.js';
import { Clock } from '../http/clock.js';
import type { Actor } from './audit.service.js';
import { UsersService } from './users.service.js';

const LINK_MILLISECONDS = 3_600_000;

/** The one-time link by which an installation without accounts gets its first administrator. */
@Injectable()
export class SetupService {
  constructor(
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(UsersService) private readonly users: UsersService,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Makes a new link's secret when nobody could administer this installation; undefined when somebody can. */
  async offer(): Promise<string | undefined> {
    if (await this.hasAdministrator()) return undefined;
    const secret = randomBytes(24).toString('base64url');
    const expiresAt = new Date(this.clock.now() + LINK_MILLISECONDS);
    await this.database.client.setupLink.create({ data: { secretHash: hashOf(secret), expiresAt } });
    return secret;
  }

  /**
   * Makes the administrator. The link works once, for an hour, and only while there is none.
   * @param origin whom the audit log names
   * @throws ApiError 403 when it does not work (any more); 409 when the username is taken
   */
  async createAdministrator(
    { secret, username, password }: Setup,
    origin: Omit<Actor, 'username'>,
  ): Promise<{ userId: string }> {
    const now = new Date(this.clock.now());
    const refused = new ApiError('access_denied', {
      message: 'This set-up link is used, too old or not valid; start the server again to get a new one',
    });
    // Also looked at in the transaction; here so that later guesses do not cost a hash each.
    if (await this.hasAdministrator()) throw refused;
    const user = await this.users.create(
      { username: 'set-up link', ...origin },
      { username, password, role: 'admin', groups: [] },
      async (transaction) => {
        const where = { secretHash: hashOf(secret), usedAt: null, expiresAt: { gt: now } };
        const claimed = await transaction.setupLink.updateMany({ where, data: { usedAt: now } });
        if (claimed.count !== 1 || (await this.hasAdministrator(transaction))) throw refused;
      },
    );
    return { userId: user.id };
  }

  private async hasAdministrator(client: Transaction = this.database.client): Promise<boolean> {
    return (await client.user.count({ where: { role: 'admin', suspendedAt: null } })) > 0;
  }
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
