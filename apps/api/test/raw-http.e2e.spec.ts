import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { answerBriefly, type FakeModel, startFakeModel } from './fake-model.js';
import { chat, type Harness, startHarness } from './harness.js';
import { flawsOfError, type RawAnswer } from './raw-answer.js';
import { exchange, RawConnection } from './raw-connection.js';
import { rawRequest } from './raw-request.js';
import { eventually } from './streams.js';

let maas: Harness;
let backend: FakeModel;
let token: string;
let identity: string;

beforeAll(async () => {
  maas = await startHarness({ MAX_REQUEST_BYTES: '1000000' });
  backend = await startFakeModel();
  await maas.addModel('fake', backend.url);
  await maas.admin('/tiers/enterprise', { method: 'PATCH', body: { requestsPerMinute: null, tokensPerMinute: null } });
  token = await maas.accessToken('enterprise');
  identity = await maas.login('enterprise');
});
afterAll(async () => {
  await backend.close();
  await maas.stop();
});
beforeEach(() => {
  backend.seen.length = 0;
  backend.behave(answerBriefly);
});
// Whatever was sent, the process lives on and answers the next one.
afterEach(async () => {
  const { text } = await maas.call('/healthz');
  if (text !== '{"status":"healthy"}') throw new Error(`the process is not well: ${text}`);
});

const CHAT = '/v1/chat/completions';
const body = JSON.stringify(chat('hi', { model: 'fake' }));
const post = (lines: readonly string[] = [], text = body) => rawRequest({ path: CHAT, token, lines, body: text });
const chunked = (lines: readonly string[], text: string) =>
  `${rawRequest({ method: 'POST', path: CHAT, token, lines: ['transfer-encoding: chunked', ...lines] })}${text}`;

/** An answer of the fake model that waits until it is let go. */
function holdBack(): { release: () => void; held: () => boolean } {
  let release: (() => void) | undefined;
  backend.behave((request, response, message) => {
    release = () => answerBriefly(request, response, message);
  });
  return { release: () => release?.(), held: () => release !== undefined };
}

describe('C6, C11: what is no HTTP', () => {
  it.each([
    ['no request line', () => 'hello\r\n\r\n'],
    ['a NUL in a header', () => rawRequest({ lines: ['x-a: a\0b'] })],
    ['a bare CR in a header', () => rawRequest({ lines: ['x-a: a\rb: c'] })],
    ['a bare LF in a header', () => rawRequest({ lines: ['x-a: a\nb: c'] })],
    ['a control character in a header', () => rawRequest({ lines: ['x-a: a\x01b'] })],
    ['a folded header line', () => rawRequest({ lines: ['x-a: a', ' b'] })],
    ['a space before the colon', () => rawRequest({ lines: ['x-a : a'] })],
    ['a header without a name', () => rawRequest({ lines: [': a'] })],
    ['a header with a space in its name', () => rawRequest({ lines: ['x a: a'] })],
    ['a line without a colon', () => rawRequest({ lines: ['x-a'] })],
    ['a space in the path', () => rawRequest({ path: '/health z' })],
    ['raw bytes in the path', () => rawRequest({ path: '/\xc3\xa9' })],
    ['a control character in the path', () => rawRequest({ path: '/\x01' })],
    ['an unknown method', () => rawRequest({ method: 'FETCH' })],
    ['a version that is not ours', () => rawRequest({ version: '3.0' })],
    ['two lengths that differ', () => post(['content-length: 3'])],
    ['the same length twice', () => post([`content-length: ${body.length}`])],
    ['a list of lengths', () => rawRequest({ method: 'POST', path: CHAT, token, lines: ['content-length: 2, 2'] })],
    ['a negative length', () => rawRequest({ method: 'POST', path: CHAT, token, lines: ['content-length: -1'] })],
    [
      'a length that is no number',
      () => rawRequest({ method: 'POST', path: CHAT, token, lines: ['content-length: 0x10'] }),
    ],
    [
      'a length beyond any',
      () => rawRequest({ method: 'POST', path: CHAT, token, lines: [`content-length: ${'9'.repeat(30)}`] }),
    ],
    ['a length and chunks', () => post(['transfer-encoding: chunked'])],
    ['chunks and a length', () => chunked(['content-length: 5'], '0\r\n\r\n')],
    ['an unknown transfer coding', () => post(['transfer-encoding: xchunked'])],
    ['chunked that is not the last coding', () => chunked(['transfer-encoding: identity'], '0\r\n\r\n')],
    ['chunked twice', () => chunked(['transfer-encoding: chunked'], '0\r\n\r\n')],
    ['a chunk size that is no number', () => chunked([], 'zz\r\nhello\r\n0\r\n\r\n')],
    ['a chunk longer than its size', () => chunked([], '2\r\nhello\r\n0\r\n\r\n')],
    ['a chunk size ended by a bare LF', () => chunked([], '2\n{}\r\n0\r\n\r\n')],
    ['no Host', () => 'GET /healthz HTTP/1.1\r\n\r\n'],
  ])('is refused in our own error shape and ends the connection: %s', async (_what, text) => {
    const connection = await RawConnection.open(maas.url);
    const answer = await connection.send(text()).answer();
    expect(answer && flawsOfError(answer.status, answer.headers, answer.body)).toEqual([]);
    expect([answer?.status, answer?.headers.get('connection')]).toEqual([400, 'close']);
    expect(await connection.rest()).toBe('');
    expect(backend.seen).toEqual([]);
  });

  it.each([
    ['one large header', [`x-a: ${'a'.repeat(40_000)}`]],
    ['many small headers', Array.from({ length: 5000 }, (_, index) => `x-${index}: y`)],
  ])('is refused with 431: %s', async (_what, lines) => {
    const answer = await exchange(maas.url, rawRequest({ lines }));
    expect(answer?.status).toBe(431);
    expect(answer && flawsOfError(answer.status, answer.headers, answer.body)).toEqual([]);
  });

  it('does not get an answer in the place of a request before it', async () => {
    const { held, release } = holdBack();
    const connection = await RawConnection.open(maas.url);
    connection.send(post());
    await eventually(held, 'the first request reaches the backend');
    connection.send('hello\r\n\r\n');
    expect(await connection.rest()).toBe('');
    release();
  });

  it('is not put into the middle of an answer that has begun', async () => {
    backend.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"choices":[{"delta":{"content":"one"}}]}\n\n');
    });
    const connection = await RawConnection.open(maas.url);
    connection.send(post([], JSON.stringify(chat('hi', { model: 'fake', stream: true }))));
    await eventually(() => connection.soFar.includes('"one"'), 'the answer has begun');
    connection.send('hello\r\n\r\n');
    expect((await connection.rest()).match(/HTTP\/1\.1/g)).toHaveLength(1);
  });
});

describe('C11: HTTP that few clients speak', () => {
  it('HTTP/1.0 gets its answer and the connection ends', async () => {
    const connection = await RawConnection.open(maas.url);
    const answer = await connection.send('GET /healthz HTTP/1.0\r\n\r\n').answer();
    expect([answer?.status, answer?.body]).toEqual([200, '{"status":"healthy"}']);
    expect(await connection.rest()).toBe('');
  });

  it('a target with scheme and authority means its path', async () => {
    const answers = await Promise.all([
      exchange(maas.url, rawRequest({ path: 'http://elsewhere.test/healthz' })),
      exchange(maas.url, rawRequest({ path: 'http://elsewhere.test/maas-api/v1/me', token: identity })),
      exchange(maas.url, rawRequest({ path: `http://elsewhere.test/fake${CHAT}`, token, body })),
      exchange(maas.url, rawRequest({ path: `http://elsewhere.test/maas-api/v1/me` })),
    ]);
    expect(answers.map((answer) => answer?.status)).toEqual([200, 200, 200, 401]);
    expect(backend.seen.map(({ url }) => url)).toEqual(['/v1/chat/completions']);
  });

  it('an expectation that nobody knows is passed over', async () => {
    expect((await exchange(maas.url, post(['expect: 42'])))?.status).toBe(200);
  });

  it('100-continue is answered before the body comes', async () => {
    const connection = await RawConnection.open(maas.url);
    const text = post(['expect: 100-continue']);
    connection.send(text.slice(0, -body.length));
    await eventually(() => connection.soFar.startsWith('HTTP/1.1 100 Continue\r\n\r\n'), 'the client may go on');
    expect((await connection.send(body).answer())?.status).toBe(200);
  });

  it('an offer to upgrade is passed over', async () => {
    const answer = await exchange(maas.url, post(['connection: upgrade', 'upgrade: websocket']));
    expect([answer?.status, backend.seen[0]?.headers.upgrade]).toEqual([200, undefined]);
  });

  it('CONNECT opens nothing', async () => {
    const connection = await RawConnection.open(maas.url);
    expect(await connection.send('CONNECT 127.0.0.1:22 HTTP/1.1\r\nhost: a\r\n\r\n').rest()).toBe('');
  });

  it('a body in chunks, one byte each, with extensions and trailers is read as one', async () => {
    const chunks = [...body].map((character) => `1;x=y\r\n${character}\r\n`).join('');
    const answer = await exchange(
      maas.url,
      chunked(['trailer: authorization'], `${chunks}0\r\nauthorization: Bearer x\r\n\r\n`),
    );
    expect([answer?.status, backend.seen[0]?.body]).toEqual([200, body]);
  });
});

describe('C11: one connection, several requests', () => {
  it('answers pipelined requests in their order, of both surfaces', async () => {
    const connection = await RawConnection.open(maas.url);
    const asked = [1, 2, 3].map((number) => chat(`number ${number}`, { model: 'fake', number }));
    backend.behave((request, response) => {
      const { number } = JSON.parse(request.body) as { number: number };
      // The later it was asked, the sooner it is answered.
      setTimeout(
        () => response.writeHead(200, { 'content-type': 'application/json' }).end(`{"number":${number}}`),
        90 - number * 30,
      );
    });
    const [one = '', two = '', three = ''] = asked.map((text) => post([], JSON.stringify(text)));
    connection.send([one, rawRequest(), two, rawRequest({ path: '/maas-api/v1/me', token: 'x' }), three].join(''));
    const answers: (RawAnswer | undefined)[] = [];
    for (let count = 0; count < 5; count += 1) answers.push(await connection.answer());
    connection.close();
    expect(answers.map((answer) => answer?.status)).toEqual([200, 200, 200, 401, 200]);
    expect([0, 2, 4].map((index) => answers[index]?.body)).toEqual(['{"number":1}', '{"number":2}', '{"number":3}']);
  });

  // What a body looks like that would be a request of its own, if it were taken for one.
  const smuggled = rawRequest({ path: '/maas-api/v1/smuggled' });
  it.each([
    ['200', () => post(), 200],
    ['400, malformed JSON', () => post([], '{'.padEnd(300)), 400],
    ['400, no model', () => post([], '{}'), 400],
    ['401, with a body', () => rawRequest({ path: CHAT, token: 'x', body: smuggled }), 401],
    [
      '401 of the control plane, with a body',
      () => rawRequest({ path: '/maas-api/v1/tokens', token: 'x', body: smuggled }),
      401,
    ],
    ['403, with a body', () => rawRequest({ path: '/maas-api/v1/tokens', token, body: smuggled }), 403],
    ['404, with a body', () => rawRequest({ path: '/gone/v1/chat/completions', token, body }), 404],
    ['404 of the control plane, with a body', () => rawRequest({ path: '/gone', token, body: smuggled }), 404],
    ['404, an endpoint that cannot be', () => rawRequest({ path: '/v1/chat/../x', token, body: smuggled }), 404],
    ['405, with a body', () => rawRequest({ method: 'TRACE', path: CHAT, token, body: smuggled }), 405],
    ['a GET with a body', () => rawRequest({ method: 'GET', path: '/healthz', body: smuggled }), 200],
    ['HEAD with a body', () => rawRequest({ method: 'HEAD', path: CHAT, token, body: smuggled }), 200],
    ['OPTIONS with a body', () => rawRequest({ method: 'OPTIONS', path: CHAT, body: smuggled }), 204],
    ['400, a path that cannot be decoded', () => rawRequest({ path: '/%zz', body: smuggled }), 400],
  ])('the next request gets its own answer, or a closed connection, after %s', async (_what, text, status) => {
    const connection = await RawConnection.open(maas.url);
    const first = text();
    const method = first.slice(0, first.indexOf(' '));
    // The body comes late, so that the answer may be there before it.
    const cut = first.indexOf('\r\n\r\n') + 4;
    connection.send(first.slice(0, cut));
    connection.send(first.slice(cut));
    const answer = await connection.answer(method);
    expect(answer?.status).toBe(status);
    const next = await connection.send(rawRequest({ path: '/maas-api/v1/me', token: identity })).answer();
    if (next) expect([next.status, JSON.parse(next.body)]).toMatchObject([200, { username: 'enterprise' }]);
    else expect([answer?.headers.get('connection'), connection.isOver]).toEqual(['close', true]);
    connection.close();
  });

  it('says that it will close where a body is still on its way, and takes none of it for a request', async () => {
    for (const [path, length, as] of [
      [CHAT, 5_000_000, token],
      [CHAT, 5000, 'x'],
      ['/maas-api/v1/tokens', 5_000_000, identity],
    ] as const) {
      const connection = await RawConnection.open(maas.url);
      connection.send(rawRequest({ method: 'POST', path, token: as, lines: [`content-length: ${length}`] }));
      const answer = await connection.answer();
      expect([answer?.status, answer?.headers.get('connection')]).toEqual([as === 'x' ? 401 : 413, 'close']);
      expect(answer && flawsOfError(answer.status, answer.headers, answer.body)).toEqual([]);
      expect(await connection.send(rawRequest()).rest()).toBe('');
    }
  });
});

describe('C6: a body without end', () => {
  const MEGABYTE = 1_000_000;
  it.each([
    ['inference', CHAT, () => token, 413],
    ['the control plane', '/maas-api/v1/tokens', () => identity, 413],
    ['somebody without a token', CHAT, () => 'x', 401],
  ])('is not read much beyond the limit: %s', async (_what, path, as, status) => {
    const connection = await RawConnection.open(maas.url);
    connection.send(rawRequest({ method: 'POST', path, token: as(), lines: ['transfer-encoding: chunked'] }));
    const chunk = Buffer.from(`10000\r\n${' '.repeat(65_536)}\r\n`);
    for (let sent = 0; sent < 50 * MEGABYTE && !connection.isOver; sent += chunk.length)
      await connection.sendAtPace(chunk);
    const answer = await connection.answer();
    expect(answer?.status).toBe(status);
    expect(answer && flawsOfError(answer.status, answer.headers, answer.body)).toEqual([]);
    // The limit, and what fits into the buffers of two sockets.
    expect(connection.bytesTaken).toBeLessThan(12 * MEGABYTE);
    connection.close();
  });
});

describe('C1, C6: clients that break off', () => {
  it.each([
    ['in the request line', 'POST /v1/ch'],
    ['in a header', `POST ${CHAT} HTTP/1.1\r\nhost: a\r\nauthoriz`],
    ['before the body', () => post().slice(0, -body.length)],
    ['in the body', () => post().slice(0, -10)],
    ['in a chunk', () => chunked([], 'ff\r\n{"model"')],
    [
      'in the body of the control plane',
      () => rawRequest({ path: '/maas-api/v1/tokens', token: identity, body: '{"name":"x"}' }).slice(0, -3),
    ],
    ['after the whole request', () => post()],
  ])('do no harm: %s, by reset and by a half-closed connection', async (_what, text) => {
    const bytes = typeof text === 'string' ? text : text();
    for (let time = 0; time < 10; time += 1) {
      const connection = await RawConnection.open(maas.url);
      connection.send(bytes);
      await eventually(() => connection.bytesTaken === bytes.length, 'everything is sent');
      connection.reset();
    }
    const connection = await RawConnection.open(maas.url);
    const rest = await connection.send(bytes).halfClose().rest();
    expect(rest === '' || /^HTTP\/1\.1 (400|200) /.test(rest)).toBe(true);
  });

  it('may go while they wait for their answer', async () => {
    const { held } = holdBack();
    const connection = await RawConnection.open(maas.url);
    connection.send(post());
    await eventually(held, 'the request reaches the backend');
    connection.reset();
    backend.behave(answerBriefly);
    expect((await exchange(maas.url, post()))?.status).toBe(200);
  });
});
