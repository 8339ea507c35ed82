import type { Backend } from '@maas/contracts/models';

type Standing = Pick<Backend, 'state' | 'health'>;

/** How a backend is, in one word: by what was decided about it, and else by its circuit breaker. */
export function backendCondition({ state, health }: Standing): 'up' | 'down' | 'trying' | 'draining' | 'disabled' {
  if (state !== 'enabled') return state;
  return ({ closed: 'up', open: 'down', 'half-open': 'trying' } as const)[health.state];
}

/** How many of them take requests. */
export function backendsUp(backends: readonly Standing[]): number {
  return backends.filter((backend) => backendCondition(backend) === 'up').length;
}

/** Requests under way at all of them, in the process that answered. */
export function inFlight(backends: readonly Standing[]): number {
  return backends.reduce((sum, { health }) => sum + health.outstanding, 0);
}
