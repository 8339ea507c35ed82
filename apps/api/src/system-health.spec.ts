import { describe, expect, it } from '@jest/globals';
import {
  backendsHealth,
  databaseHealth,
  feedHealth,
  keysHealth,
  limiterHealth,
  usageHealth,
  worstOf,
} from './system-health.js';

const usage = { backlogRows: 0, journalWritable: true };
const room = { bytes: 1000, quotaBytes: 10_000, state: 'ample' } as const;
const model = (id: string, ready: boolean) => ({ id, ready });

describe('the health of the platform', () => {
  it('is that of its worst part', () => {
    expect(worstOf(['ok', 'ok'])).toBe('ok');
    expect(worstOf(['ok', 'degraded'])).toBe('degraded');
    expect(worstOf(['down', 'degraded', 'ok'])).toBe('down');
  });

  it('is down without a database, and degraded by a slow one', () => {
    const statuses = [null, 3, 900].map((latency) => databaseHealth(latency, false).status);
    expect(statuses).toEqual(['down', 'ok', 'degraded']);
  });

  it('counts a change as late only when it should have been read', () => {
    const statuses = [undefined, { count: 0, seconds: 99 }, { count: 1, seconds: 0.5 }, { count: 1, seconds: 9 }];
    expect(statuses.map((behind) => feedHealth(behind).status)).toEqual(['degraded', 'ok', 'ok', 'degraded']);
    expect(feedHealth({ count: 0, seconds: 99 }).lagSeconds).toBe(0);
  });

  it('is down when all inference is refused for the sake of usage, and degraded when some is', () => {
    const unwritable = { ...usage, journalWritable: false };
    expect(usageHealth(usage, room, []).status).toBe('ok');
    expect(usageHealth({ ...usage, backlogRows: 100_000 }, room, []).status).toBe('degraded');
    expect(usageHealth(unwritable, room, []).status).toBe('degraded');
    const some = usageHealth(unwritable, room, ['free', 'premium']);
    expect(some).toMatchObject({ status: 'degraded', accepting: true });
    expect(some.message).toContain('inference is refused to free, premium: make room in MAAS_DATA_DIR');
    expect(usageHealth(unwritable, room, undefined)).toMatchObject({ status: 'down', accepting: false });
  });

  it('is degraded before the journal has all that it may hold, and says what helps', () => {
    const scarce = usageHealth(usage, { bytes: 8512, quotaBytes: 10_000, state: 'scarce' }, []);
    expect(scarce).toMatchObject({ status: 'degraded', journalBytes: 8512, journalQuotaBytes: 10_000 });
    expect(scarce.message).toContain('85 % of what USAGE_JOURNAL_QUOTA allows');
    const full = usageHealth({ ...usage, journalWritable: false }, { ...room, bytes: 10_000, state: 'full' }, []);
    expect(full.message).toContain('all that USAGE_JOURNAL_QUOTA allows, so usage is in memory alone');
    expect(full.message).toContain('or with a larger quota');
  });

  it('is degraded by keys that are not at hand, and says of some which', () => {
    expect(keysHealth([])).toMatchObject({ status: 'ok', problems: 0 });
    const { status, message, problems } = keysHealth(['One.', 'Two.', 'Three.', 'Four.']);
    expect([status, message, problems]).toEqual(['degraded', 'One. Two. Three. And 1 more: the log has them.', 4]);
  });

  describe('while limits cannot be counted together', () => {
    const fallback = {
      mode: 'redis',
      state: 'fallback',
      since: '2026-01-01T00:00:00.000Z',
      why: 'not connected',
      whenUnavailable: 'share',
      admittedInFallback: 3,
      timeouts: 4,
    } as const;
    const own = (name: string, limitsWhenUnavailable: 'strict' | 'share' | 'open' | null) => ({ name, limitsWhenUnavailable }); // prettier-ignore

    it('is down where every tier refuses then, and else degraded', () => {
      const statuses = [[], [own('a', 'strict')], [own('a', 'strict'), own('b', null)]].map(
        (tiers) => limiterHealth(fallback, tiers).status,
      );
      expect(statuses).toEqual(['degraded', 'down', 'degraded']);
      expect(limiterHealth({ ...fallback, whenUnavailable: 'strict' }, [own('a', null)]).status).toBe('down');
      expect(limiterHealth({ ...fallback, state: 'shared' }, [own('a', 'strict')]).status).toBe('ok');
    });

    it('is degraded, and says what to do, where another process counts elsewhere', () => {
      for (const mode of ['process', 'redis'] as const) {
        const conflict = 'Another process counts elsewhere.';
        const health = limiterHealth({ ...fallback, mode, state: 'shared', conflict }, []);
        expect([health.status, health.message]).toEqual(['degraded', conflict]);
      }
    });

    it('says what becomes of whose requests, and how many were let in', () => {
      const tiers = [own('free', 'strict'), own('premium', null), own('staff', 'open'), own('team', 'share')];
      const { message, ...facts } = limiterHealth(fallback, tiers);
      expect(facts).toMatchObject({ state: 'fallback', admittedInFallback: 3, timeouts: 4, whenUnavailable: 'share' });
      expect(message).toContain(
        'refused with 503 (free); this process grants its share of each limit (premium, team);',
      );
      expect(message).toContain('let in without limits (staff).');
    });
  });

  it('names the models that nobody answers for', () => {
    const one = [{ ready: true }, { ready: false }];
    expect(backendsHealth([], []).status).toBe('ok');
    expect(backendsHealth([model('a', true)], [{ ready: true }])).toMatchObject({ status: 'ok', up: 1, down: 0 });
    expect(backendsHealth([model('a', true)], one)).toMatchObject({
      status: 'degraded',
      up: 1,
      down: 1,
      modelsDown: [],
    });
    expect(backendsHealth([model('a', true), model('b', false)], one)).toMatchObject({
      status: 'degraded',
      modelsDown: ['b'],
    });
    expect(backendsHealth([model('b', false)], [{ ready: false }]).status).toBe('down');
  });
});
