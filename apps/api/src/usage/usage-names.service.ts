import { Inject, Injectable } from '@nestjs/common';
import { DatabaseService } from '../database/database.service.js';

/** The names of users and tokens that usage knows by their ids alone. */
@Injectable()
export class UsageNames {
  constructor(@Inject(DatabaseService) private readonly database: DatabaseService) {}

  /** Without those that are deleted. */
  async usernames(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const wanted = [...new Set(ids)];
    if (wanted.length === 0) return new Map();
    const where = { id: { in: wanted } };
    const rows = await this.database.client.user.findMany({ where, select: { id: true, username: true } });
    return new Map(rows.map(({ id, username }) => [id, username]));
  }

  /** Without those that have no name. */
  async tokenNames(jtis: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const wanted = [...new Set(jtis)];
    if (wanted.length === 0) return new Map();
    const where = { jti: { in: wanted } };
    const rows = await this.database.client.issuedToken.findMany({ where, select: { jti: true, name: true } });
    return new Map(rows.flatMap(({ jti, name }) => (name === null ? [] : [[jti, name] as const])));
  }
}
