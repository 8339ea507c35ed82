import type { BackendTransition } from '@maas/contracts/backends';

/** Some process saw the backend down from here to there, in milliseconds since 1970. */
export interface DownSpan {
  from: number;
  to: number;
}

type Seen = Pick<BackendTransition, 'backend' | 'state' | 'at' | 'until'>;

/**
 * When a backend was down within a window, the earliest first. What several processes saw at the same time is one span.
 * @param transitions in any order
 */
export function downSpans(transitions: readonly Seen[], backend: string, window: DownSpan): DownSpan[] {
  const spans: DownSpan[] = [];
  const seen = transitions
    .filter((one) => one.backend === backend && one.state === 'down')
    .map(({ at, until }) => ({
      from: Math.max(Date.parse(at), window.from),
      to: Math.min(until === null ? window.to : Date.parse(until), window.to),
    }))
    .filter(({ from, to }) => to > from)
    .sort((one, other) => one.from - other.from);
  for (const span of seen) {
    const last = spans.at(-1);
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to);
    else spans.push(span);
  }
  return spans;
}
