import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';

/** An answer that is read piece by piece. */
export interface OpenAnswer {
  readonly message: IncomingMessage;
  /** Everything up to and including the next blank line. */
  nextFrame(): Promise<string>;
  /** All that is left. */
  rest(): Promise<string>;
  /** Goes away, as a client does that lost interest. */
  abandon(): void;
}

/** Posts JSON and reads the answer as it comes, on a connection of its own. */
export function openAnswer(url: string, token: string, body: object): Promise<OpenAnswer> {
  return new Promise((resolve, reject) => {
    const client = request(url, {
      method: 'POST',
      agent: false,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    });
    client.once('error', reject);
    client.once('response', (message) => resolve(readerOf(message, () => client.destroy())));
    client.end(JSON.stringify(body));
  });
}

function readerOf(message: IncomingMessage, abandon: () => void): OpenAnswer {
  const chunks: AsyncIterator<Buffer> = message[Symbol.asyncIterator]();
  let text = '';
  const more = async (): Promise<boolean> => {
    const { done, value } = await chunks.next();
    if (!done) text += value.toString();
    return !done;
  };
  const take = (length: number): string => {
    const taken = text.slice(0, length);
    text = text.slice(length);
    return taken;
  };
  return {
    message,
    abandon,
    nextFrame: async () => {
      while (!text.includes('\n\n')) if (!(await more())) return take(text.length);
      return take(text.indexOf('\n\n') + 2);
    },
    rest: async () => {
      while (await more());
      return take(text.length);
    },
  };
}

/** One frame of a streamed chat completion. */
export function chunk(content: string, fields: object = {}): string {
  const choices = [{ index: 0, delta: { content }, finish_reason: null }];
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices, ...fields })}\n\n`;
}

/** The frame that carries the usage and no choices. */
export function usageChunk(promptTokens: number, completionTokens: number): string {
  const usage = {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage })}\n\n`;
}

export const DONE = 'data: [DONE]\n\n';

/** In milliseconds, between two looks: soon at first, and then so that looking takes nothing from what is waited for. */
const LOOKS = { first: 5, slower: 1.2, last: 50 };

/**
 * Resolves once something holds; for what another process or a socket does in its own time.
 *
 * @param milliseconds after which it is given up, by a clock that does not jump when a machine that stood still goes on. No
 *   measure of anything unless a test says it: on a machine that is busy each step takes its time.
 */
export async function eventually(
  holds: () => boolean | Promise<boolean>,
  what: string,
  milliseconds = 60_000,
): Promise<void> {
  const deadline = performance.now() + milliseconds;
  for (let wait = LOOKS.first; !(await holds()); wait = Math.min(wait * LOOKS.slower, LOOKS.last)) {
    if (performance.now() > deadline) throw new Error(`not within ${milliseconds} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}
