import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CompletionMeter } from './completion-meter.js';
import { dataOf, EventFrames, framesIn } from './event-frames.js';

/** What a backend may write as one frame, but for its line ends. */
const lines = fc.oneof(
  fc.constantFrom(
    ['data: {"choices":[{"index":0,"delta":{"content":"größe €"}}]}'],
    ['data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}],"usage":null}'],
    ['data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}'],
    ['data: {"choices":[{"delta":{"content":"y"},"usage":null}],"x_groq":{"usage":null}}'],
    ['event: message_start', 'data: {"type":"message_start","message":{"usage":{"input_tokens":9,"output_tokens":1}}}'],
    ['event: message_delta', 'data: {"type":"message_delta","usage":{"output_tokens":7}}'],
    [': a comment'],
    ['id: 7', 'retry: 10', 'data: one', 'data: two'],
    ['data: {"this is not JSON'],
    ['data:'],
    ['data: [DONE]'],
  ),
  // A line with nothing in it would end the frame.
  fc.array(
    fc.string({ unit: 'binary', maxLength: 12 }).map((text) => `x${text.replace(/[\r\n]/g, ' ')}`),
    {
      minLength: 1,
      maxLength: 3,
    },
  ),
);
const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
const stream = fc
  .tuple(fc.array(lines, { maxLength: 8 }), lineEnd)
  .map(([frames, end]) => Buffer.from(frames.map((frame) => frame.join(end) + end + end).join('')));

const unended = stream.filter((bytes) => !bytes.includes('[DONE]'));

interface Seen {
  shown: string;
  pieces: number;
  promptTokens: number | undefined;
  completionTokens: number | undefined;
  isWhole: boolean;
  piecesAtCount: number;
  hasReasons: boolean;
}

/** What a client gets of a stream that arrives in these pieces, and what is counted. */
function pass(pieces: readonly Buffer[], hideUsage: boolean): Seen {
  const frames = new EventFrames(1024 * 1024);
  const meter = new CompletionMeter(hideUsage);
  const shown: Buffer[] = [];
  for (const piece of pieces) {
    const whole = frames.push(piece);
    if (whole.length > 0) shown.push(meter.pass(whole));
  }
  const rest = frames.rest();
  if (rest) shown.push(meter.pass(rest));
  const { reported, isWhole, hasReasons, piecesAtCount, pieces: count } = meter;
  const { promptTokens, completionTokens } = reported;
  const counts = { pieces: count, piecesAtCount, promptTokens, completionTokens };
  return { shown: Buffer.concat(shown).toString(), ...counts, isWhole, hasReasons };
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((left, right) => left - right);
  return [0, ...places].map((place, index) => bytes.subarray(place, places[index] ?? bytes.length));
}

describe('B3: a stream of events', () => {
  it('is the same to the client and to the bill however its bytes are cut', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 12 }), fc.boolean(), (bytes, cuts, hideUsage) => {
        expect(pass(cutAt(bytes, cuts), hideUsage)).toEqual(pass([bytes], hideUsage));
      }),
      { numRuns: 3000 },
    );
  });

  it('cut into single bytes is the same, too', () => {
    fc.assert(
      fc.property(stream, (bytes) => {
        expect(pass(cutAt(bytes, [...bytes.keys()]), true)).toEqual(pass([bytes], true));
      }),
      { numRuns: 500 },
    );
  });

  it('is passed on byte by byte to who asked for the usage', () => {
    fc.assert(
      fc.property(unended, fc.array(fc.nat(), { maxLength: 5 }), (bytes, cuts) => {
        const whole = Buffer.concat([bytes, Buffer.from('data: [DONE]\n\n')]);
        expect(pass(cutAt(whole, cuts), false).shown).toBe(whole.toString());
      }),
    );
  });

  it.each(['\n', '\r\n', '\r'])('is cut into its frames where lines end with %j', (end) => {
    const frames = [`data: one${end}data: two${end}${end}`, `: comment${end}${end}`, `data: three${end}${end}`];
    expect([...framesIn(Buffer.from(frames.join('')))].map(String)).toEqual(frames);
    expect(dataOf(Buffer.from(frames[0] ?? ''))).toBe('one\ntwo');
  });

  it.each(['\n', '\r\n', '\r'])('is passed on as soon as a frame is complete where lines end with %j', (end) => {
    const frames = new EventFrames(1024);
    const frame = Buffer.from(`data: one${end}${end}`);
    expect(frames.push(frame.subarray(0, -1)).length).toBe(0);
    expect(frames.push(frame.subarray(-1)).toString()).toBe(frame.toString());
  });

  it.each([1, 7, 1000])(
    'may be one large event in pieces of %d bytes, and is refused only where it is too large',
    (size) => {
      const frames = new EventFrames(300_000);
      const event = Buffer.from(`data: ${'x'.repeat(299_992)}\n\n`);
      const passed = [...event.keys()]
        .filter((at) => at % size === 0)
        .map((at) => frames.push(event.subarray(at, at + size)));
      expect(Buffer.concat(passed).equals(event)).toBe(true);
      expect(frames.rest()).toBeUndefined();
      expect(() => frames.push(Buffer.alloc(300_001, 'x'))).toThrow('an event of more than 300000 bytes');
    },
  );
});
