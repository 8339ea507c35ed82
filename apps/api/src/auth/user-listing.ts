import type { UserQuery } from '@maas/contracts/auth';
import type { Prisma } from '@maas/database/client';

type Order = Pick<UserQuery, 'sort' | 'order'>;

interface Listed {
  id: string;
  username: string;
  lastSeenAt: Date;
}

/** What a cursor of a list of users looks like: the id, and behind it what the list is ordered by, where that is not the id. */
export const USER_CURSORS: Readonly<Record<Order['sort'], RegExp>> = {
  createdAt: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  lastSeenAt: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12} \d{1,14}$/,
  username: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12} [^]{1,256}$/,
};
const ID_LENGTH = 36;

export function cursorOfUser({ id, username, lastSeenAt }: Listed, { sort }: Order): string {
  if (sort === 'createdAt') return id;
  return `${id} ${sort === 'username' ? username : lastSeenAt.getTime()}`;
}

/** The order of a list. Ids ascend with the creation. */
export function orderOfUsers({ sort, order }: Order): Prisma.UserOrderByWithRelationInput[] {
  return sort === 'createdAt' ? [{ id: order }] : [{ [sort]: order }, { id: order }];
}

/** What comes after a cursor in that order. @param cursor that matches the one of `USER_CURSORS` */
export function usersAfter(cursor: string | undefined, { sort, order }: Order): Prisma.UserWhereInput {
  if (cursor === undefined) return {};
  const beyond = <Value>(value: Value) => (order === 'desc' ? { lt: value } : { gt: value });
  const id = cursor.slice(0, ID_LENGTH);
  if (sort === 'createdAt') return { id: beyond(id) };
  const value = cursor.slice(ID_LENGTH + 1);
  if (sort === 'username') return { OR: [{ username: beyond(value) }, { username: value, id: beyond(id) }] };
  const at = new Date(Number(value));
  return { OR: [{ lastSeenAt: beyond(at) }, { lastSeenAt: at, id: beyond(id) }] };
}
