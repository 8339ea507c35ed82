import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Config, readConfig } from '../config.js';
import { SystemClock } from '../http/clock.js';
import { ChangeRetention } from './change-retention.service.js';
import type { DatabaseService } from './database.service.js';

const HOUR = 3_600_000;

let retention: ChangeRetention;
const prunes = jest.fn(() => Promise.resolve(0));

function start(role: Config['MAAS_ROLE']): void {
  const database = { client: { $executeRaw: prunes } } as unknown as DatabaseService;
  retention = new ChangeRetention({ ...readConfig({}), MAAS_ROLE: role }, database, new SystemClock());
  retention.onApplicationBootstrap();
}

beforeEach(() => {
  prunes.mockClear();
  jest.useFakeTimers();
});
afterEach(() => {
  retention.onApplicationShutdown();
  jest.useRealTimers();
});

describe('old changes are forgotten', () => {
  it.each(['all', 'api'] as const)('at the start and each hour, until the end, by the role %s', (role) => {
    start(role);
    expect(prunes).toHaveBeenCalledTimes(1);
    jest.advanceTimersByTime(3 * HOUR);
    expect(prunes).toHaveBeenCalledTimes(4);
    retention.onApplicationShutdown();
    jest.advanceTimersByTime(3 * HOUR);
    expect(prunes).toHaveBeenCalledTimes(4);
  });

  it('by no gateway', () => {
    start('gateway');
    jest.advanceTimersByTime(3 * HOUR);
    expect(prunes).not.toHaveBeenCalled();
  });
});
