import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Receiver } from './upstream.service.js';
import { UsageWish } from './usage-wish.js';

const flow = { pause: () => undefined, resume: () => undefined, abort: () => undefined };
let heard: string[];
let wish: UsageWish;

beforeEach(() => {
  heard = [];
  const receiver: Receiver = {
    started: (status) => heard.push(`started ${status}`),
    data: (chunk) => heard.push(chunk.length > 100 ? `${chunk.length} bytes` : chunk.toString()),
    ended: () => heard.push('ended'),
    failed: (error) => heard.push(`failed: ${error.message}`),
  };
  wish = new UsageWish(receiver, () => heard.push('refused'));
});

describe('an answer to a request in which the gateway asked for the usage', () => {
  it.each([200, 401, 404, 429, 500])('passes at once with status %i, whatever it says', (status) => {
    wish.started(status, {}, flow);
    wish.data(Buffer.from('stream_options'));
    wish.ended();
    expect(heard).toEqual([`started ${status}`, 'stream_options', 'ended']);
  });

  it.each([400, 422])('is not heard of where it refuses the wish with status %i, however it is cut', (status) => {
    wish.started(status, {}, flow);
    wish.data(Buffer.from('{"param":"stream_'));
    wish.data(Buffer.from('options"}'));
    wish.ended();
    expect(heard).toEqual(['refused']);
  });

  it('is passed on as it came where it refuses something else', () => {
    wish.started(400, {}, flow);
    wish.data(Buffer.from('no '));
    expect(heard).toEqual([]);
    wish.data(Buffer.from('such thing'));
    wish.ended();
    expect(heard).toEqual(['started 400', 'no ', 'such thing', 'ended']);
  });

  it('is passed on, and no longer held, where it is long', () => {
    wish.started(400, {}, flow);
    wish.data(Buffer.alloc(40_000));
    wish.data(Buffer.alloc(40_000));
    wish.data(Buffer.from('stream_options'));
    wish.ended();
    expect(heard).toEqual(['started 400', '40000 bytes', '40000 bytes', 'stream_options', 'ended']);
  });

  it('is a failure where it breaks off, also in a refusal of the wish', () => {
    wish.started(400, {}, flow);
    wish.data(Buffer.from('stream_options'));
    wish.failed(new Error('reset'), true);
    expect(heard).toEqual(['started 400', 'stream_options', 'failed: reset']);
  });
});
