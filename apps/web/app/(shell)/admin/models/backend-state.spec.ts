import { describe, expect, it } from '@jest/globals';
import type { Backend } from '@maas/contracts/models';
import { backendCondition, backendsUp, inFlight } from './backend-state';

function backend(state: Backend['state'], breaker: Backend['health']['state'], outstanding = 0) {
  return { state, health: { state: breaker, since: '2026-01-01T00:00:00Z', outstanding } };
}

describe('the condition of a backend', () => {
  it.each([
    ['enabled', 'closed', 'up'],
    ['enabled', 'open', 'down'],
    ['enabled', 'half-open', 'trying'],
    ['draining', 'closed', 'draining'],
    ['disabled', 'open', 'disabled'],
  ] as const)('of one that is %s with a %s breaker is %s', (state, breaker, condition) =>
    expect(backendCondition(backend(state, breaker))).toBe(condition),
  );

  it('counts as up only who takes requests', () => {
    const backends = [backend('enabled', 'closed', 2), backend('enabled', 'open', 1), backend('draining', 'closed', 4)];
    expect(backendsUp(backends)).toBe(1);
    expect(inFlight(backends)).toBe(7);
  });
});
