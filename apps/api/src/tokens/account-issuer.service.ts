import { Inject, Injectable, Logger } from '@nestjs/common';
import { accountNameOf, namespaceOf, placeOf, subjectOf } from '../auth/account-names.js';
import { clusterUnavailable } from '../auth/cluster-unavailable.js';
import { ClusterRights } from '../auth/cluster-rights.service.js';
import { type Person, UserDirectory } from '../auth/user-directory.service.js';
import { CONFIG, type Config } from '../config.js';
import { ChangeFeedService, type Transaction } from '../database/change-feed.service.js';
import { isUniqueViolation } from '../database/database-error.js';
import { KubernetesFailure } from '../kubernetes/kubernetes-failure.js';
import { DatabaseService } from '../database/database.service.js';
import { ApiError } from '../http/api-error.js';
import { Clock } from '../http/clock.js';
import type { ClusterRight } from '../kubernetes/cluster-right.js';
import { type AccountToken, readAccountToken } from './account-token.js';
import { type AccountOwner, accountRights, ClusterAccounts } from './cluster-accounts.service.js';

/** A token that the cluster has issued, and what it says of itself. */
export interface IssuedByCluster extends AccountToken {
  readonly token: string;
}

const ATTEMPTS = 4;

const select = { subject: true, userId: true, uid: true, revokedAt: true } as const;

/** Has the cluster issue access tokens: to a ServiceAccount of each person, in the namespace of their tier. */
@Injectable()
export class AccountIssuer {
  private readonly logger = new Logger('ServiceAccounts');
  private tierOf: ((person: Person) => string) | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(ChangeFeedService) private readonly feed: ChangeFeedService,
    @Inject(UserDirectory) private readonly directory: UserDirectory,
    @Inject(ClusterAccounts) private readonly cluster: ClusterAccounts,
    @Inject(ClusterRights) rights: ClusterRights,
  ) {
    if (this.enabled) rights.need(() => this.rights());
  }

  get enabled(): boolean {
    return this.config.TOKEN_ISSUER === 'serviceaccount';
  }

  /** Who says in which tier somebody is; throws an ApiError for somebody who is in none. */
  tiersBy(tierOf: (person: Person) => string): void {
    this.tierOf = tierOf;
  }

  /**
   * Has a token issued.
   * @param seconds that are wished for; the API server may grant others
   * @throws ApiError 503 when the cluster cannot do it
   */
  async issue(userId: string, seconds: number): Promise<IssuedByCluster> {
    const person = this.directory.find(userId);
    if (!person || !this.tierOf) throw new ApiError('invalid_api_key');
    const { id, username } = person;
    const owner = { id, username, tier: this.tierOf(person) };
    const subject = subjectOf(namespaceOf(this.config, owner.tier), accountNameOf(person));
    try {
      // An account that somebody has deleted in the cluster is made anew; another process may be doing so too.
      for (let turn = 0; turn < ATTEMPTS; turn += 1) {
        const issued = await this.tryIssue(subject, owner, seconds);
        if (issued) return issued;
      }
      throw new KubernetesFailure(409, 'the account comes and goes');
    } catch (error) {
      if (error instanceof KubernetesFailure)
        this.logger.warn(`No token can be issued to ${subject}: ${error.message}`);
      throw clusterUnavailable('No token can be issued at the moment', error);
    }
  }

  /**
   * Makes sure that a token which is about to be recorded has not been revoked with the others of its account meanwhile.
   * @throws ApiError 409
   */
  async requireStanding(transaction: Transaction, { subject, uid }: AccountToken): Promise<void> {
    // Waits for a revocation that is under way, and makes one wait that begins.
    const standing = await transaction.$queryRaw<unknown[]>`
      SELECT 1 FROM token_account WHERE subject = ${subject} AND uid = ${uid} AND revoked_at IS NULL FOR SHARE`;
    if (standing.length > 0) return;
    throw new ApiError('conflict', {
      message: 'All your tokens were revoked while this one was being issued; request it again',
    });
  }

  /**
   * Ends the accounts of a person, with every token that was issued to them, in a transaction of the change feed.
   * @returns their subjects
   */
  async revoke(transaction: Transaction, userId: string): Promise<string[]> {
    const revoked = await transaction.tokenAccount.updateManyAndReturn({
      where: { userId, uid: { not: null } },
      data: { revokedAt: new Date(this.clock.now()) },
      select: { subject: true },
    });
    const subjects = revoked.map(({ subject }) => subject);
    await this.feed.announce(transaction, subjects.map((key) => ({ topic: 'accounts', key }))); // prettier-ignore
    return subjects;
  }

  private async tryIssue(subject: string, owner: AccountOwner, seconds: number): Promise<IssuedByCluster | undefined> {
    const uid = await this.ready(subject, owner);
    if (uid === undefined) return undefined;
    const token = await this.cluster.issue(placeOf(subject), seconds);
    const said = token === undefined ? undefined : readAccountToken(token);
    if (token !== undefined && said?.subject === subject && said.uid === uid) return { ...said, token };
    if (token !== undefined && !said) throw new KubernetesFailure(undefined, 'a token of another form', 60_000);
    // What was recorded is not there any more: another one of its name is none of ours until it has been looked at.
    await this.change(subject, { uid }, { uid: null });
    return undefined;
  }

  /**
   * Sees to it that there is the account, and that it is known whose it is.
   * @returns its uid; undefined when somebody else, such as the sweeper, has changed it meanwhile
   */
  private async ready(subject: string, owner: AccountOwner): Promise<string | undefined> {
    const found = await this.database.client.tokenAccount.findUnique({ where: { subject }, select });
    const known = found ?? (await this.claim(subject, owner));
    if (known.userId !== null && known.userId !== owner.id) {
      this.logger.error(`${subject} would be the account of ${owner.id} too, whose name has the same digest`);
      throw new ApiError('conflict', {
        message: 'No token can be issued for you: your ServiceAccount would be that of somebody else, who is called almost as you are; ask your administrator', // prettier-ignore
      });
    }
    const { uid, revokedAt } = known;
    if (uid !== null && known.userId !== null && revokedAt === null) return uid;
    // Of somebody who was deleted, or whose tokens are revoked: tokens of it must not come back to life.
    if (uid !== null) await this.cluster.remove(placeOf(subject), uid);
    const made = await this.cluster.create(placeOf(subject), owner);
    const was = { uid, revokedAt, userId: known.userId };
    const isChanged = await this.change(subject, was, { uid: made, revokedAt: null, userId: owner.id });
    return isChanged ? made : undefined;
  }

  private async claim(subject: string, owner: AccountOwner) {
    const data = { subject, userId: owner.id, createdAt: new Date(this.clock.now()) };
    try {
      return await this.database.client.tokenAccount.create({ data, select });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      // Another request of theirs was first.
      return this.database.client.tokenAccount.findUniqueOrThrow({ where: { subject }, select });
    }
  }

  /** Changes an account if it is still as it was. @returns whether it was */
  private async change(
    subject: string,
    was: { uid: string | null; revokedAt?: Date | null; userId?: string | null },
    data: { uid: string | null; revokedAt?: null; userId?: string },
  ): Promise<boolean> {
    const { count } = await this.feed.change({ topic: 'accounts', key: subject }, (transaction) =>
      transaction.tokenAccount.updateMany({ where: { subject, ...was }, data }),
    );
    return count > 0;
  }

  /** What it takes, in the namespace of each tier that there is. */
  private async rights(): Promise<ClusterRight[]> {
    const tiers = await this.database.client.tier.findMany({ select: { name: true }, orderBy: { name: 'asc' } });
    return tiers.flatMap(({ name }) => accountRights(namespaceOf(this.config, name)));
  }
}
