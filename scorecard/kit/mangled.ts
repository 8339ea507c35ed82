import { rawRequest } from '../../apps/api/test/raw-request.js';
import type { Dice } from './dice.js';

const pieces = [
  '\0', '\r', '\n', '\r\n', '\r\n\r\n', ' ', '\t', ':', '%', '%00', '\xff', '\xc3\x28', '/', '..', '{', '}', '"', '0', '-1', '9'.repeat(20),
  'content-length: 5\r\n', 'transfer-encoding: chunked\r\n', 'expect: 100-continue\r\n', 'connection: close\r\n', 'host: x\r\n', 'a'.repeat(9000),
]; // prettier-ignore

/** A request in which some bytes are wrong: changed, left out, doubled, put in, or missing at the end. */
export function mangled(dice: Dice, { token, identity }: { token: string; identity: string }): string {
  const body = JSON.stringify({
    model: 'fake',
    messages: [{ role: 'user', content: 'hi' }],
    stream: dice.next() < 0.3,
  });
  const json = ['content-type: application/json'];
  const chunked = [...json, 'transfer-encoding: chunked'];
  let text = dice.oneOf([
    () => rawRequest({ path: '/v1/chat/completions', token, body, lines: json }),
    () => `${rawRequest({ method: 'POST', path: '/fake/v1/completions', token, lines: chunked })}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    () => rawRequest({ path: '/maas-api/v1/tokens', token: identity, body: '{"expiration":"15m"}', lines: json }),
    () => rawRequest({ path: '/maas-api/v1/me', token: identity }),
    () => rawRequest({ path: '/v1/models', token }) + rawRequest({ path: '/healthz' }),
  ])(); // prettier-ignore
  for (let changes = dice.between(1, 4); changes > 0; changes -= 1) text = changed(text, dice);
  return text;
}

function changed(text: string, dice: Dice): string {
  const at = dice.between(0, text.length);
  const until = Math.min(text.length, at + dice.between(1, 12));
  return dice.oneOf([
    () => text.slice(0, at) + String.fromCodePoint(dice.between(0, 255)) + text.slice(at + 1),
    () => text.slice(0, at) + text.slice(until),
    () => text.slice(0, until) + text.slice(at),
    () => text.slice(0, at) + dice.oneOf(pieces) + text.slice(at),
    () => text.slice(0, at),
  ])();
}
