import { describe, expect, it } from '@jest/globals';
import { changesSince } from './audit-changes.js';

const change = (actorName: string, version: number, before: object, after: object) => ({
  actorName,
  before: { version: version - 1, updatedAt: `before ${version}`, ...before },
  after: { version, updatedAt: `at ${version}`, ...after },
});

describe('what changed since a version was read', () => {
  it('is named by actor and field, the oldest first', () => {
    const changes = [
      change('ada', 4, { level: 1, groups: ['a'] }, { level: 2, groups: ['a', 'b'] }),
      change('bob', 3, { level: 0 }, { level: 1 }),
      change('cyd', 2, { name: 'x' }, { name: 'y' }),
    ];
    expect(changesSince(changes, 2)).toBe('bob: level; ada: level, groups');
  });

  it('names a field once however often it was changed, and whoever changed nothing', () => {
    const changes = [change('ada', 4, { level: 1 }, { level: 2 }), change('ada', 3, { level: 0 }, { level: 1 })];
    expect(changesSince(changes, 2)).toBe('ada: level');
    expect(changesSince([change('bob', 3, { level: 1 }, { level: 1 })], 2)).toBe('bob: nothing');
  });

  it('is empty when the log has no such change, also for entries of other things', () => {
    expect(changesSince([], 1)).toBe('');
    expect(changesSince([{ actorName: 'ada', before: null, after: { version: 1 } }], 0)).toBe('');
    expect(changesSince([{ actorName: 'ada', before: {}, after: { url: 'x' } }], 1)).toBe('');
  });
});
