import type { TokenQuery, TokenStatus } from '@maas/contracts/tokens';
import type { Prisma } from '@maas/database/client';
import type { TokenRecord } from './token.js';

type Order = Pick<TokenQuery, 'sort' | 'order'>;

/** What a cursor of a list of tokens looks like: the time that it is ordered by, empty where there is none, and the jti. */
export const TOKEN_CURSOR = /^\d{0,14} [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function cursorOfToken(token: TokenRecord, { sort }: Order): string {
  return `${timeOf(token, sort)?.getTime() ?? ''} ${token.jti}`;
}

/** The order of a list. Tokens that were never used come last, whichever way it runs. */
export function orderOfTokens({ sort, order }: Order): Prisma.IssuedTokenOrderByWithRelationInput[] {
  if (sort === 'createdAt') return [{ issuedAt: order }, { jti: order }];
  if (sort === 'expiresAt') return [{ expiresAt: order }, { jti: order }];
  return [{ lastUsedAt: { sort: order, nulls: 'last' } }, { jti: order }];
}

/** What comes after a cursor in that order. @param cursor that matches `TOKEN_CURSOR` */
export function tokensAfter(cursor: string | undefined, { sort, order }: Order): Prisma.IssuedTokenWhereInput {
  if (cursor === undefined) return {};
  const [time = '', jti = ''] = cursor.split(' ');
  const beyond = <Value>(value: Value) => (order === 'desc' ? { lt: value } : { gt: value });
  if (time === '') return { lastUsedAt: null, jti: beyond(jti) };
  const at = new Date(Number(time));
  if (sort === 'createdAt') return { OR: [{ issuedAt: beyond(at) }, { issuedAt: at, jti: beyond(jti) }] };
  if (sort === 'expiresAt') return { OR: [{ expiresAt: beyond(at) }, { expiresAt: at, jti: beyond(jti) }] };
  return { OR: [{ lastUsedAt: beyond(at) }, { lastUsedAt: at, jti: beyond(jti) }, { lastUsedAt: null }] };
}

/** The tokens that work at this instant. @param now Unix milliseconds */
export function workingAt(now: number) {
  return { revocation: null, expiresAt: { gt: new Date(now) } } satisfies Prisma.IssuedTokenWhereInput;
}

/** @param now Unix milliseconds */
export function havingStatus(status: TokenStatus, now: number): Prisma.IssuedTokenWhereInput {
  if (status === 'active') return workingAt(now);
  if (status === 'revoked') return { revocation: { isNot: null } };
  return { revocation: null, expiresAt: { lte: new Date(now) } };
}

/** The tokens whose jti begins so: a UUID column has no LIKE, but an order. */
export function jtisFrom(search: string): Prisma.IssuedTokenWhereInput[] {
  const text = search.toLowerCase();
  if (!/^[0-9a-f]{1,8}$|^[0-9a-f]{8}-[0-9a-f-]{0,27}$/.test(text)) return [];
  const digits = text.replaceAll('-', '');
  if (digits.length > 32 || !dashed(digits).startsWith(text)) return [];
  return [{ jti: { gte: dashed(digits.padEnd(32, '0')), lte: dashed(digits.padEnd(32, 'f')) } }];
}

function dashed(digits: string): string {
  return digits.replace(/^(.{8})(.{0,4})(.{0,4})(.{0,4})(.{0,12})$/, '$1-$2-$3-$4-$5').slice(0, 36);
}

function timeOf(token: TokenRecord, sort: Order['sort']): Date | null {
  return sort === 'lastUsedAt' ? token.lastUsedAt : sort === 'expiresAt' ? token.expiresAt : token.issuedAt;
}
