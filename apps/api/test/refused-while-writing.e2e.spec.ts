import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Gateway } from '../src/proxy/gateway.service.js';
import { type Harness, startHarness } from './harness.js';
import { flawsOfError } from './raw-answer.js';
import { RawConnection } from './raw-connection.js';
import { rawRequest } from './raw-request.js';
import { eventually } from './streams.js';

const LENGTH = 40_000_000;
const CHAT = '/v1/chat/completions';
let maas: Harness;
let token: string;
let identity: string;
let isStopped = false;

beforeAll(async () => {
  maas = await startHarness({ MAX_REQUEST_BYTES: '32000000', DRAIN_TIMEOUT: '10m' });
  token = await maas.accessToken('enterprise');
  identity = await maas.login('enterprise');
});
afterAll(async () => {
  if (!isStopped) await maas.stop();
});

const head = (path: string, as: string, length = LENGTH, lines: readonly string[] = []) =>
  rawRequest({ method: 'POST', path, token: as, lines: [`content-length: ${length}`, ...lines] });
const chunkedHead = (path: string, as: string) =>
  rawRequest({ method: 'POST', path, token: as, lines: ['transfer-encoding: chunked'] });

const CHUNK = Buffer.from(`10000\r\n${' '.repeat(65_536)}\r\n`);
const PIECE = Buffer.alloc(65_536, ' ');

/** Sends all of it, unless the connection breaks. */
async function write(connection: RawConnection, length: number, piece: Buffer): Promise<void> {
  for (let left = length; left > 0 && !connection.isOver; left -= piece.length)
    await connection.sendAtPace(piece.subarray(0, left));
}

describe('a client that reads nothing before it has written everything, reads why it was refused:', () => {
  const cases: [number, string, () => string, (number | undefined)?][] = [
    [413, 'a body larger than may be', () => head(CHAT, token)],
    [413, 'one that does not say how large it is', () => chunkedHead(CHAT, token)],
    [401, 'nobody', () => head(CHAT, 'x')],
    [404, 'no such endpoint', () => head('/v1/chat/../x', token)],
    [405, 'no such method', () => head(CHAT, token).replace('POST', 'PUT')],
    [415, 'a compressed body', () => head(CHAT, token, 30_000_000, ['content-encoding: gzip']), 30_000_000],
    [400, 'no Host header', () => head(CHAT, token).replace(/^host:.*\r\n/m, '')],
    [400, 'no HTTP', () => head(CHAT, token).replace('HTTP/1.1', 'HTTP/3.0')],
    [431, 'headers that are too large', () => head(CHAT, token, LENGTH, [`x-a: ${'a'.repeat(40_000)}`])],
    [413, 'a body larger than the control plane takes', () => head('/maas-api/v1/tokens', identity)],
    [413, 'one that does not say so', () => chunkedHead('/maas-api/v1/tokens', identity)],
  ];
  it.each(cases)('%i, %s', async (status, _what, text, length = LENGTH) => {
    const connection = await RawConnection.open(maas.url);
    connection.stopReading().send(text());
    await write(connection, length, text().includes('chunked') ? CHUNK : PIECE);
    expect(connection.isOver).toBe(false);
    const answer = await connection.readAgain().answer('POST');
    expect([answer?.status, answer?.headers.get('connection')]).toEqual([status, 'close']);
    expect(answer && flawsOfError(answer.status, answer.headers, answer.body)).toEqual([]);
    expect(await connection.rest()).toBe('');
  });
});

describe('clients that were refused and go on writing', () => {
  it('learn at once that the connection has ended, before they have sent any of the body', async () => {
    const connection = await RawConnection.open(maas.url);
    expect((await connection.send(head(CHAT, token)).answer('POST'))?.status).toBe(413);
    expect(await connection.rest()).toBe('');
  });

  it('are no requests under way, and do not hold up the end of the process', async () => {
    const connection = await RawConnection.open(maas.url);
    connection.stopReading().send(head(CHAT, token));
    const gateway = maas.nest.get(Gateway);
    await eventually(() => gateway.inFlight === 0 && connection.bytesTaken > 0, 'it is refused');
    await write(connection, LENGTH / 2, PIECE);
    expect([connection.isOver, gateway.inFlight]).toEqual([false, 0]);
    const began = performance.now();
    await maas.stop();
    isStopped = true;
    // Much less than running answers are given, and than such a connection is kept.
    expect(performance.now() - began).toBeLessThan(20_000);
    await eventually(() => connection.send(' ').isOver, 'the connection is closed');
  });
});
