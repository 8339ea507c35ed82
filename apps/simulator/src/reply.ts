import { randomUUID } from 'node:crypto';
import type { Controls } from './controls.js';

/** One moment of a stream: what is written at once, and how many tokens of answer are in it. */
export interface Step {
  frames: string;
  tokens: number;
}

/** A finished answer, ready to be delivered at a pace. */
export interface Reply {
  id: string;
  model: string;
  promptTokens: number;
  /** Tokens of all choices together. */
  completionTokens: number;
  /** Tokens of the longest choice: the choices of one request are produced side by side. */
  rounds: number;
  controls: Controls;
  seed: number;
  /** The answer when it is not streamed. */
  body: () => object;
  /** The answer as a stream, for a request that asked for one. */
  steps?: (() => Iterable<Step>) | undefined;
}

/** An id as OpenAI writes them: a prefix, then letters and digits. */
export function newId(prefix: string): string {
  return prefix + randomUUID().replaceAll('-', '');
}

export function unixSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** A server-sent event that holds JSON. Chat streams have no `event:` line, those of the Responses API have. */
export function frame(data: object, event?: string): string {
  const json = JSON.stringify(data);
  return event === undefined ? `data: ${json}\n\n` : `event: ${event}\ndata: ${json}\n\n`;
}

/** The end of a chat or completion stream. */
export const DONE: Step = { frames: 'data: [DONE]\n\n', tokens: 0 };
