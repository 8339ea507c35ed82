import type { ChatCompletionTokenLogprob } from 'openai/resources/chat/completions';
import type { CompletionChoice } from 'openai/resources/completions';
import { createRandom } from './random.js';

/** What a token is said to have been preferred to; enough for the 20 that a request may ask for. */
const ALTERNATIVES = 'the a and of to in is that it for as with on this by be or an are from at'
  .split(' ')
  .map((word) => ` ${word}`);

interface Scored {
  token: string;
  logprob: number;
}

/** The invented log probability of the token at a place of an answer, then those of less likely tokens. */
function scores(token: string, place: number, seed: number, top: number): [Scored, ...Scored[]] {
  const random = createRandom(seed ^ Math.imul(place + 1, 0x9e3779b9));
  let logprob = -random() * 0.6;
  const chosen: Scored = { token, logprob };
  const others = ALTERNATIVES.filter((other) => other !== token).slice(0, Math.max(0, top - 1));
  return [chosen, ...others.map((other) => ({ token: other, logprob: (logprob -= 0.1 + random()) }))];
}

function withBytes(scored: Scored): Scored & { bytes: number[] } {
  return { ...scored, bytes: [...Buffer.from(scored.token)] };
}

/** The entry of one token in `logprobs.content` of a chat. */
export function chatLogprob(token: string, place: number, seed: number, top: number): ChatCompletionTokenLogprob {
  const all = scores(token, place, seed, top);
  return { ...withBytes(all[0]), top_logprobs: all.slice(0, top).map(withBytes) };
}

/** The `logprobs` of a text completion, for the tokens from place `first` on, which begins at character `offset`. */
export function completionLogprobs(
  tokens: readonly string[],
  seed: number,
  top: number,
  first = 0,
  offset = 0,
): CompletionChoice.Logprobs {
  const all = tokens.map((token, index) => scores(token, first + index, seed, top));
  let end = offset;
  return {
    tokens: [...tokens],
    token_logprobs: all.map(([chosen]) => chosen.logprob),
    top_logprobs: all.map((each) =>
      Object.fromEntries(each.slice(0, top).map(({ token, logprob }) => [token, logprob])),
    ),
    text_offset: tokens.map((token) => (end += token.length) - token.length),
  };
}
