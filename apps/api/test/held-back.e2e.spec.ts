import type { Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type FakeModel, startFakeModel } from './fake-model.js';
import { chat, type Harness, startHarness } from './harness.js';
import { RawConnection } from './raw-connection.js';
import { rawRequest } from './raw-request.js';
import { chunk, DONE, eventually, openAnswer } from './streams.js';

/** More than the system's own buffers hold, on both connections. */
const ENOUGH_BYTES = 200_000_000;
const LOOK_MILLISECONDS = 150;

let maas: Harness;
let backend: FakeModel;
let token: string;
const accepted: Socket[] = [];

beforeAll(async () => {
  maas = await startHarness({ UPSTREAM_IDLE_TIMEOUT: '1m', UPSTREAM_TOTAL_TIMEOUT: '5m' });
  maas.nest.getHttpServer().on('connection', (socket: Socket) => accepted.push(socket));
  backend = await startFakeModel();
  await maas.addModel('fake', backend.url);
  await maas.admin('/tiers/enterprise', { method: 'PATCH', body: { requestsPerMinute: null, tokensPerMinute: null } });
  token = await maas.accessToken('enterprise');
});
afterAll(async () => {
  await backend.close();
  await maas.stop();
});

/** Waits until the backend can write no more. */
async function isHeldBack(written: () => number, isStalled: () => boolean): Promise<void> {
  let before = -1;
  await eventually(async () => {
    const isStill = isStalled() && written() === before;
    before = written();
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
    return isStill && isStalled() && written() === before;
  }, 'the backend is held back');
}

// A frame is passed on whole: so much more may wait.
it.each([
  ['events of a word', 8, 12_000],
  ['large events', 16_000, 40_000],
])('a client that does not read holds its backend back, and loses nothing: %s', async (_what, length, most) => {
  let written = 0;
  let count = 0;
  let isStalled = false;
  let isEnough = false;
  backend.behave((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const write = () => {
      while (!response.destroyed && !isEnough && written < ENOUGH_BYTES) {
        const frame = chunk(String(count).padStart(length));
        count += 1;
        written += frame.length;
        if (response.write(frame)) continue;
        isStalled = true;
        response.once('drain', () => ((isStalled = false), write()));
        return;
      }
      response.end(DONE);
    };
    write();
  });
  accepted.length = 0;
  const waiting = () => accepted.map(({ writableLength }) => writableLength);
  const answer = await openAnswer(
    `${maas.url}/v1/chat/completions`,
    token,
    chat('hi', { model: 'fake', stream: true }),
  );
  // That it writes nothing for a moment is not enough: all of this is one process, which stands still when it is busy.
  await isHeldBack(
    () => written,
    () => isStalled && waiting().some((bytes) => bytes > 0),
  );
  expect(written).toBeLessThan(ENOUGH_BYTES / 3);
  const held = waiting();
  expect(held).toHaveLength(1);
  expect(held[0]).toBeGreaterThan(0);
  expect(held[0]).toBeLessThan(most);

  isEnough = true;
  const text = await answer.rest();
  const numbers = Array.from(text.matchAll(/"content":" *(\d+)"/g), ([, number]) => Number(number));
  expect(numbers).toEqual(Array.from({ length: count }, (_, index) => index));
  expect(text).toMatch(/data: \[DONE\]\n\n$/);
});

it('so does an answer that waits for its turn behind another one on its connection (RFC 9112 §9.3.2)', async () => {
  let written = 0;
  let isStalled = false;
  backend.behave((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    // The first one never ends.
    if (request.body.includes('first')) return void response.write(chunk('first'));
    const write = () => {
      while (!response.destroyed && written < ENOUGH_BYTES) {
        const frame = chunk('x'.repeat(1000));
        written += frame.length;
        if (response.write(frame)) continue;
        isStalled = true;
        response.once('drain', () => ((isStalled = false), write()));
        return;
      }
    };
    write();
  });
  const connection = await RawConnection.open(maas.url);
  for (const text of ['first', 'second']) {
    const body = JSON.stringify(chat(text, { model: 'fake', stream: true }));
    connection.send(
      rawRequest({ path: '/v1/chat/completions', token, body, lines: ['content-type: application/json'] }),
    );
  }
  await isHeldBack(
    () => written,
    () => isStalled,
  );
  expect(written).toBeLessThan(ENOUGH_BYTES / 3);
  connection.close();
});
