'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { OwnLimits } from '@maas/contracts/tiers';
import { ApiError } from '@/lib/api-error';
import { type Answer, messagesOf, type Turn, upToLastQuestion, withAnswer } from './conversation';
import { limitsKey } from './own-limits';
import { ownToken } from './own-token';
import type { RateStanding } from './rate-standing';
import { type ChatParameters, streamAnswer } from './stream-answer';

export interface Chat {
  turns: readonly Turn[];
  busy: boolean;
  /** Why there is no answer to the last question, or not all of one. */
  error: unknown;
  /** When the gateway takes a request again, in milliseconds since 1970; undefined: now. */
  retryAt: number | undefined;
  send: (text: string) => void;
  /** Asks the last question again, for another answer. */
  regenerate: () => void;
  stop: () => void;
  clear: () => void;
}

/** A conversation with a model, in memory alone. */
export function useChat(model: string | null, parameters: ChatParameters): Chat {
  const [turns, setTurns] = useState<readonly Turn[]>([]);
  const [error, setError] = useState<unknown>();
  const [retryAt, setRetryAt] = useState<number>();
  const [running, setRunning] = useState<AbortController>();
  const nextId = useRef(1);
  const limits = useLimitsCache();
  const busy = running !== undefined;
  useEffect(() => () => running?.abort(), [running]);

  const ask = async (asked: readonly Turn[]) => {
    if (model === null || busy) return;
    const id = (nextId.current += 1);
    const abort = new AbortController();
    const change = (with_: (answer: Answer) => Answer) => setTurns((now) => withAnswer(now, id, with_));
    const answer: Answer = { role: 'assistant', id, model, text: '', state: 'streaming', figures: {} };
    setTurns([...asked, answer]);
    setRunning(abort);
    setError(undefined);
    setRetryAt(undefined);
    try {
      await askOnce({
        model,
        messages: messagesOf(asked),
        parameters,
        signal: abort.signal,
        onStanding: limits.set,
        change,
      });
      change((now) => ({ ...now, state: 'done' }));
    } catch (caught) {
      change((now) => ({ ...now, state: abort.signal.aborted ? 'stopped' : 'failed' }));
      if (!abort.signal.aborted) setError(caught);
      if (caught instanceof ApiError && caught.retryAfter !== undefined) {
        setRetryAt(Date.now() + caught.retryAfter * 1000);
      }
    } finally {
      setRunning(undefined);
      limits.refresh();
    }
  };
  return {
    turns,
    busy,
    error,
    retryAt,
    send: (text) => void ask([...turns, { role: 'user', id: (nextId.current += 1), text }]),
    regenerate: () => void ask(upToLastQuestion(turns)),
    stop: () => running?.abort(),
    clear: () => (running?.abort(), setTurns([]), setError(undefined)),
  };
}

interface Asking {
  model: string;
  messages: readonly { role: string; content: string }[];
  parameters: ChatParameters;
  signal: AbortSignal;
  onStanding: (standing: RateStanding) => void;
  change: (change: (answer: Answer) => Answer) => void;
}

/** One answer. A token that has been revoked, or has ended before its time, is replaced once. */
async function askOnce({ change, ...request }: Asking, again = false): Promise<void> {
  const secret = await ownToken.read();
  request.signal.throwIfAborted();
  const sentAt = performance.now();
  try {
    await streamAnswer({
      ...request,
      secret,
      onAnswer: (requestId) => change((answer) => ({ ...answer, figures: { ...answer.figures, requestId } })),
      onPiece: ({ text, finish, usage }) => {
        const at = performance.now() - sentAt;
        change((answer) => ({
          ...answer,
          text: answer.text + text,
          figures: {
            ...answer.figures,
            ...(text !== '' && { firstTokenMs: answer.figures.firstTokenMs ?? at, lastTokenMs: at }),
            ...(finish !== undefined && { finish }),
            ...(usage !== undefined && { usage }),
          },
        }));
      },
    });
  } catch (error) {
    if (again || !(error instanceof ApiError) || error.status !== 401) throw error;
    ownToken.forget(secret);
    await askOnce({ change, ...request }, true);
  }
}

const SETTLED_MILLISECONDS = 1000;

/** Where the page reads the limits from: what an answer says of them is newer than what was asked for before. */
function useLimitsCache() {
  const client = useQueryClient();
  return {
    set: (standing: RateStanding) =>
      client.setQueryData<OwnLimits>(limitsKey, (known) => known && { ...known, ...standing }),
    // An answer that was shorter than what was set aside for it gives the rest back.
    refresh: () => {
      const refresh = () => void client.invalidateQueries({ queryKey: limitsKey });
      refresh();
      // An answer that was stopped is settled a moment after it.
      setTimeout(refresh, SETTLED_MILLISECONDS);
    },
  };
}
