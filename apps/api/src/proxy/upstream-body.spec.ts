import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseStrictJson } from '../http/strict-json.js';
import { readRequest, wishesOf } from './inference-request.js';
import { type BodyChanges, upstreamBody } from './upstream-body.js';

function forwarded(text: string, changes: Partial<BodyChanges> = {}, endpoint = 'chat/completions'): string {
  const request = readRequest(endpoint, 'application/json', Buffer.from(text));
  return upstreamBody(request, wishesOf(request), { model: 'theirs', maxTokens: undefined, ...changes }).toString();
}

// What JSON can say and JavaScript cannot, or would say otherwise.
const raw = fc.oneof(
  fc.constantFrom('12345678901234567890', '-9007199254740993', '1e400', '-1E+999', '1.0', '1e2', '-0', '0.10', '1E-400', '100000000000000000000000'),
  fc.constantFrom('"\\u0041"', '"\\/"', '"\\ud800"', '"\\u0000"', '"é😀\u2028"', '"\\"}{\\""', '{"2":1,"1":2}', '{ "b" : [ ] }', '[1 ,\t2]'),
  fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value).replaceAll('"__proto__":', '"_":')),
); // prettier-ignore
const gap = fc.constantFrom('', '', ' ', '\n  ', '\t');
const name = fc.oneof(
  fc.constantFrom('model ', 'seed', 'a.b', '1', '0', 'é', '', 'constructor'),
  fc.string({ maxLength: 6 }).map((text) => `x${text}`),
);
const model = fc.constantFrom('"ours"', '"theirs"', '"\\u006furs"', '""');
const field = fc.record({ name, value: raw, gaps: fc.tuple(gap, gap, gap, gap) });

interface Piece {
  name: string;
  value: string;
  gaps: string[];
}

const written = ({ name: key, value, gaps: [a, b, c, d] }: Piece) => `${a}${JSON.stringify(key)}${b}:${c}${value}${d}`;
/** A body with its own fields somewhere among others. */
function bodyOf(own: Record<string, fc.Arbitrary<string>>) {
  const ours = Object.entries(own).map(([key, value]) =>
    fc.record({ name: fc.constant(key), value, gaps: fc.tuple(gap, gap, gap, gap) }),
  );
  const others = fc.uniqueArray(field, { selector: (piece) => piece.name.trim().toLowerCase(), maxLength: 6 });
  return fc
    .tuple(others, ...ours)
    .map(([rest, ...mine]) => [...rest.filter((piece) => !(piece.name.trim().toLowerCase() in own)), ...mine])
    .chain((pieces) => fc.shuffledSubarray(pieces, { minLength: pieces.length }))
    .map((pieces) => ({ text: `{${pieces.map(written).join(',')}}`, pieces }));
}

describe('upstreamBody', () => {
  it('changes nothing but the model, byte by byte', () => {
    fc.assert(
      fc.property(bodyOf({ model }), ({ text, pieces }) => {
        const expected = pieces.map((piece) => {
          const keeps = piece.name !== 'model' || JSON.parse(piece.value) === 'theirs';
          return keeps ? piece : { ...piece, value: '"theirs"' };
        });
        expect(forwarded(text)).toBe(`{${expected.map(written).join(',')}}`);
      }),
    );
  });

  it('gives the very same bytes on where nothing has to change', () => {
    const request = readRequest('chat/completions', undefined, Buffer.from('{"model":"theirs","x":1e400}'));
    expect(upstreamBody(request, wishesOf(request), { model: 'theirs', maxTokens: undefined })).toBe(request.bytes);
  });

  it('adds the model where the path named it', () => {
    expect(forwarded('{"x":1}')).toBe('{"model":"theirs","x":1}');
    expect(forwarded('{}')).toBe('{"model":"theirs"}');
    expect(forwarded(' { } ')).toBe(' {"model":"theirs" } ');
  });

  it('adds to a stream that its usage is asked for, and changes nothing else of its options', () => {
    const options = fc.oneof(
      fc.constantFrom(
        'null',
        '{}',
        '{ }',
        '{"include_usage":false}',
        '{"include_usage" : null, "x":1e400}',
        '{"a":12345678901234567890,"2":0,"1":0}',
      ),
      fc.constantFrom('{"include_usage":true}', '[1]', '"x"', '7'),
    );
    fc.assert(
      fc.property(bodyOf({ model, stream: fc.constant('true'), stream_options: options }), ({ text, pieces }) => {
        const out = parseStrictJson(forwarded(text));
        const fields = out.value as Record<string, unknown>;
        const given: unknown = JSON.parse(pieces.find((piece) => piece.name === 'stream_options')?.value ?? '');
        const isObject = given === null || (typeof given === 'object' && !Array.isArray(given));
        expect(fields['stream_options']).toEqual(isObject ? { ...given, include_usage: true } : given);
        for (const piece of pieces) {
          if (piece.name === 'model' || piece.name === 'stream_options') continue;
          expect(out.text.slice(...(out.spans.get(piece.name) ?? [0, 0]))).toBe(piece.value);
        }
      }),
    );
    expect(
      forwarded('{"model":"theirs","stream":true,"stream_options":{"b":12345678901234567890,"include_usage" : 0 }}'),
    ).toBe('{"model":"theirs","stream":true,"stream_options":{"b":12345678901234567890,"include_usage" : true }}');
  });

  it('does not ask for usage where nobody would understand', () => {
    for (const [endpoint, text] of [
      ['chat/completions', '{"model":"theirs","stream":false}'],
      ['chat/completions', '{"model":"theirs","stream":null,"stream_options":{}}'],
      ['responses', '{"model":"theirs","stream":true}'],
      ['messages', '{"model":"theirs","stream":true}'],
      ['audio/speech', '{"model":"theirs","stream":true}'],
    ] as const) {
      expect(forwarded(text, {}, endpoint)).toBe(text);
    }
  });

  it('sets the largest answer by the name that the endpoint knows, over a null too', () => {
    expect(forwarded('{"model":"theirs"}', { maxTokens: 9 })).toBe('{"max_tokens":9,"model":"theirs"}');
    expect(forwarded('{"model":"theirs","max_tokens":null}', { maxTokens: 9 })).toBe(
      '{"model":"theirs","max_tokens":9}',
    );
    expect(forwarded('{"model":"theirs","max_tokens":1}', { maxTokens: 9 }, 'responses')).toBe(
      '{"max_output_tokens":9,"model":"theirs","max_tokens":1}',
    );
  });

  it('changes several fields at once, wherever they stand', () => {
    const fields = { model: fc.constant('"ours"'), stream: fc.constant('true'), max_tokens: fc.constant('null') };
    fc.assert(
      fc.property(bodyOf(fields), ({ text, pieces }) => {
        const out = forwarded(text, { maxTokens: 9 });
        const changed: Record<string, string> = { model: '"theirs"', max_tokens: '9' };
        const rest = pieces.map((piece) => written({ ...piece, value: changed[piece.name] ?? piece.value })).join(',');
        expect(out).toBe(`{"stream_options":{"include_usage":true},${rest}}`);
      }),
    );
  });

  it('means the same to every reader, also with names that need escapes', () => {
    const changes = { model: 'a"b\\c\u2028é😀' };
    expect(JSON.parse(forwarded('{"model":"x"}', changes))).toEqual(changes);
  });

  it('gives what is no JSON on as it is', () => {
    const bytes = Buffer.from('RIFF\xff', 'latin1');
    const request = readRequest('audio/transcriptions', 'audio/wav', bytes);
    expect(upstreamBody(request, wishesOf(request), { model: 'theirs', maxTokens: 9 })).toBe(bytes);
  });
});
