import { describe, expect, it } from '@jest/globals';
import type { Outcome } from './answer-relay.js';
import { billOf, billSoFar } from './bill.js';
import { CompletionMeter } from './completion-meter.js';
import { readRequest, wishesOf } from './inference-request.js';

const asked = {
  prompt: { bytes: 400, tokens: 8 },
  wishes: { generates: true },
} as unknown as Parameters<typeof billOf>[2];
const abandoned: Outcome = { kind: 'abandoned' };
const frame = (event: object) => Buffer.from(`data: ${JSON.stringify(event)}\n\n`);
const piece = (content: string, fields: object = {}) => frame({ choices: [{ delta: { content } }], ...fields });
const delta = (text: string) => frame({ type: 'content_block_delta', delta: { type: 'text_delta', text } });
const begun = frame({ type: 'message_start', message: { usage: { input_tokens: 9, output_tokens: 1 } } });

/** A meter that each of these has passed, one by one. */
function meterOf(...frames: Buffer[]): CompletionMeter {
  const meter = new CompletionMeter(false);
  for (const bytes of frames) meter.pass(bytes);
  return meter;
}

describe('the bill of a stream that is under way', () => {
  it('is nothing before its first piece', () => {
    const nothing = { status: 500, promptTokens: 0, completionTokens: 0 };
    expect(billSoFar(meterOf(), asked)).toMatchObject(nothing);
    expect(billSoFar(meterOf(piece('')), asked)).toMatchObject(nothing);
  });

  it('is its pieces until now, and a guess at the prompt', () => {
    expect(billSoFar(meterOf(piece('a'), piece('b')), asked)).toEqual({
      status: 500,
      promptTokens: 108,
      completionTokens: 2,
      countSource: 'counted',
    });
  });

  it('never falls while it goes on', () => {
    const meter = meterOf(begun);
    let before = -1;
    for (let count = 0; count < 20; count += 1) {
      meter.pass(delta('word'));
      const { completionTokens } = billSoFar(meter, asked);
      expect(completionTokens).toBeGreaterThan(before);
      before = completionTokens;
    }
  });
});

describe('the bill of what is no stream and is left', () => {
  it('is its prompt as soon as something of it came', () => {
    const meter = meterOf();
    expect(billOf(abandoned, meter, asked)).toMatchObject({ promptTokens: 0, completionTokens: 0 });
    meter.hasBytes = true;
    expect(billOf(abandoned, meter, asked)).toMatchObject({ status: 499, promptTokens: 108, completionTokens: 0 });
  });
});

describe('the bill of a stream that breaks off', () => {
  it('is the count that the backend gives with each piece, where it does', () => {
    const usage = (count: number) => ({ usage: { prompt_tokens: 5, completion_tokens: count } });
    const meter = meterOf(piece('a b c', usage(3)), piece('d e', usage(5)));
    expect(billOf(abandoned, meter, asked)).toMatchObject({
      status: 499,
      promptTokens: 5,
      completionTokens: 5,
      countSource: 'upstream',
    });
  });

  it('is its pieces where the backend gave only a first count, as at the beginning of Anthropic’s messages', () => {
    const meter = meterOf(begun, delta('one'), delta('two'), delta('three'));
    expect(billOf(abandoned, meter, asked)).toMatchObject({
      status: 499,
      promptTokens: 9,
      completionTokens: 3,
      countSource: 'counted',
    });
  });

  it('is the same when all of it came in one read', () => {
    const read = Buffer.concat([begun, delta('one'), delta('two'), delta('three')]);
    expect(billOf(abandoned, meterOf(read), asked)).toMatchObject({ promptTokens: 9, completionTokens: 3 });
  });

  it.each([
    ['Anthropic’s thinking', { type: 'content_block_delta', delta: { type: 'thinking_delta', thinking: 'hm' } }],
    ['speech', { choices: [{ delta: { audio: { id: 'a', transcript: 'hm', data: 'AAAA' } } }] }],
    ['the input of a custom tool', { choices: [{ delta: { tool_calls: [{ index: 0, custom: { input: 'hm' } }] } }] }],
  ])('has %s among its pieces', (_what, event) => {
    const meter = meterOf(begun, ...Array.from({ length: 50 }, () => frame(event)));
    expect(billOf(abandoned, meter, asked)).toMatchObject({ completionTokens: 50, countSource: 'counted' });
  });

  it('has thinking once that a proxy says under several names', () => {
    const thinking_blocks = [{ type: 'thinking', thinking: 'hm', signature: '' }];
    const thought = { reasoning_content: 'hm', thinking_blocks, provider_specific_fields: { thinking_blocks } };
    const meter = meterOf(...Array.from({ length: 50 }, () => frame({ choices: [{ index: 0, delta: thought }] })));
    expect(billOf(abandoned, meter, asked)).toMatchObject({ completionTokens: 50 });
  });

  it('is the count that was given where nothing came after it', () => {
    expect(billOf(abandoned, meterOf(begun), asked)).toMatchObject({ promptTokens: 9, completionTokens: 1 });
  });
});

describe('the bill of a request that only counts tokens', () => {
  it.each(['{"input_tokens":1509}', '{"input_tokens":1509,"usage":{"input_tokens":1509}}', 'none'])(
    'is nothing, whatever it says: %s',
    (text) => {
      const body = Buffer.from('{"messages":[{"role":"user","content":"a question"}]}');
      const request = readRequest('messages/count_tokens', 'application/json', body);
      const counting = { prompt: { bytes: 6000, tokens: 8 }, wishes: wishesOf(request) };
      const outcome: Outcome = { kind: 'held', status: 200, headers: {}, body: Buffer.from(text) };
      expect(billOf(outcome, meterOf(), counting)).toMatchObject({
        status: 200,
        promptTokens: 0,
        completionTokens: 0,
        reported: false,
      });
    },
  );
});

describe('the bill of a stream that ended well', () => {
  it('is the backend’s own count, however many pieces passed', () => {
    const end = frame({ type: 'message_delta', usage: { output_tokens: 2 } });
    const outcome: Outcome = { kind: 'relayed', status: 200, error: undefined };
    expect(billOf(outcome, meterOf(begun, delta('a'), delta('b'), delta('c'), end), asked)).toMatchObject({
      completionTokens: 2,
      countSource: 'upstream',
    });
    expect(billOf(outcome, meterOf(begun, delta('a'), delta('b')), asked)).toMatchObject({ completionTokens: 1 });
  });
});
