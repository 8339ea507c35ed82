import { KubernetesFailure } from './kubernetes-failure.js';
import { UnreadableAnswer } from './watch-event.js';

/**
 * How a list or a watch fails: it is refused for want of a right; its position is too old; the API server answers with another
 * status, with something that cannot be read, not in time, or not at all.
 */
export const watchFailures = ['forbidden', 'gone', 'status', 'unreadable', 'timeout', 'unreachable'] as const;
export type WatchFailure = (typeof watchFailures)[number];

export function watchFailureOf(error: unknown): WatchFailure {
  if (error instanceof KubernetesFailure) {
    if (error.code === 403) return 'forbidden';
    return error.isGone ? 'gone' : 'status';
  }
  if (error instanceof UnreadableAnswer) return 'unreadable';
  return (error as Error).name === 'TimeoutError' ? 'timeout' : 'unreachable';
}

/** In words that hold no credential. */
export function wordsOf(error: unknown): string {
  if (error instanceof KubernetesFailure) return `status ${error.code}${error.reason && `, ${error.reason}`}`;
  const { name, cause, message } = error as Error;
  if (name === 'TimeoutError') return 'it does not answer in time';
  const { code } = (cause ?? error) as NodeJS.ErrnoException;
  return code === undefined ? message : `it cannot be reached (${code})`;
}
