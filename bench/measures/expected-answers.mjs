// @ts-check
import { longStream, pacedStream, small } from '../load/bodies.mjs';

/** @typedef {import('../load/expectation.mjs').Expectation} Expectation */

/**
 * Asks the simulator itself what every proxy must answer: it gives the same text to the same request.
 * @param {number} port of the simulator
 * @returns {Promise<{ small: Expectation; stream: Expectation; paced: Expectation; smallBytes: number }>}
 */
export async function expectedAnswers(port) {
  const whole = await ask(port, small.body);
  const answer = JSON.parse(whole);
  return {
    smallBytes: Buffer.byteLength(whole),
    small: {
      kind: 'json',
      content: answer.choices[0].message.content,
      completionTokens: small.tokens,
      events: 0,
    },
    stream: await streamed(port, longStream),
    paced: await streamed(port, pacedStream),
  };
}

/**
 * @param {number} port
 * @param {{ body: object; tokens: number }} asked
 * @returns {Promise<Expectation>}
 */
async function streamed(port, { body, tokens }) {
  const events = (await ask(port, body)).split('\n\n').filter(Boolean).length;
  // A role, the tokens, the reason of the end, and `[DONE]`.
  if (events !== tokens + 3) throw new Error(`the simulator streamed ${events} events for ${tokens} tokens`);
  return { kind: 'events', content: '', completionTokens: tokens, events };
}

/**
 * @param {number} port
 * @param {object} body
 */
async function ask(port, body) {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the simulator answered ${answer.status}: ${text}`);
  return text;
}
