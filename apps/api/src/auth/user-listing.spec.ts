import { describe, expect, it } from '@jest/globals';
import { cursorOfUser, USER_CURSORS, usersAfter } from './user-listing.js';

const id = '0198c0de-0000-7000-8000-00000000abcd';
const user = { id, username: 'ada lovelace\n', lastSeenAt: new Date(1_800_000_000_000) };

describe('a cursor of the list of users', () => {
  it.each(['createdAt', 'username', 'lastSeenAt'] as const)('by %s is read again as it was written', (sort) => {
    const cursor = cursorOfUser(user, { sort, order: 'asc' });
    expect(cursor).toMatch(USER_CURSORS[sort]);
    expect(JSON.stringify(usersAfter(cursor, { sort, order: 'asc' }))).toContain(id);
  });

  it.each([
    ['createdAt', `${id} x`],
    ['createdAt', 'x'],
    ['lastSeenAt', id],
    ['lastSeenAt', `${id} 1e3`],
    ['lastSeenAt', `${id} 999999999999999`],
    ['username', id],
    ['username', `${id} ${'x'.repeat(257)}`],
  ] as const)('by %s is never %j', (sort, cursor) => expect(cursor).not.toMatch(USER_CURSORS[sort]));

  it('goes on behind whoever has the same name or instant', () => {
    expect(
      usersAfter(cursorOfUser(user, { sort: 'username', order: 'desc' }), { sort: 'username', order: 'desc' }),
    ).toEqual({
      OR: [{ username: { lt: user.username } }, { username: user.username, id: { lt: id } }],
    });
    expect(usersAfter(`${id} 7`, { sort: 'lastSeenAt', order: 'asc' })).toEqual({
      OR: [{ lastSeenAt: { gt: new Date(7) } }, { lastSeenAt: new Date(7), id: { gt: id } }],
    });
  });
});
