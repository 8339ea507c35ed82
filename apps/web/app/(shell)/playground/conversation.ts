import type { Usage } from './answer-frame';

export interface Question {
  role: 'user';
  id: number;
  text: string;
}

export interface Answer {
  role: 'assistant';
  id: number;
  model: string;
  text: string;
  /** `stopped`: by the person; `failed`: it broke off. */
  state: 'streaming' | 'done' | 'stopped' | 'failed';
  figures: AnswerFigures;
}

export type Turn = Question | Answer;

/** How an answer came. Times in milliseconds since the request was sent. */
export interface AnswerFigures {
  firstTokenMs?: number;
  lastTokenMs?: number;
  usage?: Usage;
  /** By what name the gateway meters it. */
  requestId?: string;
  /** Why the model ended, such as `length`. */
  finish?: string;
}

/** The messages of a conversation as a model gets them. An answer without a word is left out: there is nothing to go on from. */
export function messagesOf(turns: readonly Turn[]): { role: 'user' | 'assistant'; content: string }[] {
  return turns.filter(({ text }) => text !== '').map(({ role, text }) => ({ role, content: text }));
}

/** The conversation up to its last question: what is asked again for another answer. */
export function upToLastQuestion(turns: readonly Turn[]): Turn[] {
  return turns.slice(0, turns.findLastIndex(({ role }) => role === 'user') + 1);
}

/** Changes the answer of this id; a conversation that has been cleared meanwhile stays as it is. */
export function withAnswer(turns: readonly Turn[], id: number, change: (answer: Answer) => Answer): Turn[] {
  return turns.map((turn) => (turn.id === id && turn.role === 'assistant' ? change(turn) : turn));
}

/** Tokens a second from the first to the last one; undefined where there is not enough to say. */
export function speedOf({ firstTokenMs, lastTokenMs, usage }: AnswerFigures): number | undefined {
  if (firstTokenMs === undefined || lastTokenMs === undefined || !usage) return undefined;
  const seconds = (lastTokenMs - firstTokenMs) / 1000;
  return seconds > 0 && usage.completion > 1 ? (usage.completion - 1) / seconds : undefined;
}
