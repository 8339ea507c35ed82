import { describe, expect, it } from '@jest/globals';
import { changesOf, changesOfEntry } from './changes';

describe('the changes of an entry of the audit log', () => {
  it('are the fields that differ, without what differs each time', () => {
    const before = { name: 'free', level: 1, groups: ['a'], version: 1, updatedAt: 'then' };
    const after = { name: 'free', level: 2, groups: ['a', 'b'], version: 2, updatedAt: 'now' };
    expect(changesOf(before, after)).toEqual({
      kind: 'changed',
      changes: [
        { field: 'level', before: 1, after: 2 },
        { field: 'groups', before: ['a'], after: ['a', 'b'] },
      ],
    });
  });

  it('do not depend on the order of fields', () => {
    const changes = changesOf({ filter: { a: 1, b: 2 } }, { filter: { b: 2, a: 1 } });
    expect(changes.kind).toBe('unchanged');
  });

  it('name a field that came or went', () =>
    expect(changesOf({ note: null }, { email: null })).toEqual({
      kind: 'changed',
      changes: [
        { field: 'note', before: null, after: undefined },
        { field: 'email', before: undefined, after: null },
      ],
    }));

  it.each([
    ['token.create', null, { name: 'x' }, 'created'],
    ['token.revoke', null, { name: 'x' }, 'revoked'],
    ['backend.test', null, { ok: true }, 'other'],
    ['tier.delete', { name: 'x' }, null, 'deleted'],
  ])('of the action %s from %j to %j are %s', (action, before, after, kind) =>
    expect(changesOfEntry({ action, before, after }).kind).toBe(kind),
  );

  it.each([
    [null, { name: 'x' }, 'created'],
    [{ name: 'x' }, null, 'deleted'],
    [null, null, 'unchanged'],
    ['text', { name: 'x' }, 'other'],
    [[1], [2], 'other'],
  ])('of %j and %j are %s', (before, after, kind) => expect(changesOf(before, after).kind).toBe(kind));
});
