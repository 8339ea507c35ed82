import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { JsonError, parseStrictJson } from './strict-json.js';

const token = /"(?:\\.|[^"\\])*"|[[\]{}:,]|[^\s[\]{}:,"]+/g;

/** Writes JSON anew: other white space between its tokens, and some characters of its texts as escapes. */
function rewritten(json: string, gaps: readonly string[], escaped: readonly boolean[]): string {
  let count = 0;
  const next = () => (count += 1);
  const escape = (character: string) =>
    escaped[next() % escaped.length] ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : character;
  const tokens = json.match(token) ?? [];
  const written = tokens.map((part) =>
    part.startsWith('"') && !part.includes('\\') ? `"${part.slice(1, -1).replace(/[a-z_]/g, escape)}"` : part,
  );
  return written.map((part) => `${gaps[next() % gaps.length]}${part}`).join('') + (gaps[0] ?? '');
}

const gaps = fc.array(fc.constantFrom('', '', ' ', '\n', '\t', '\r\n', '  '), { minLength: 1, maxLength: 7 });
const escapes = fc.array(fc.boolean(), { minLength: 1, maxLength: 7 });
const withoutProto = (value: unknown): boolean => !JSON.stringify(value).includes('"__proto__":');
const json = fc.jsonValue({ maxDepth: 5 }).filter(withoutProto);

describe('parseStrictJson', () => {
  it('reads what JSON.parse reads, however it is written', () => {
    fc.assert(
      fc.property(json, gaps, escapes, (value, between, escaped) => {
        const text = rewritten(JSON.stringify(value), between, escaped);
        expect(parseStrictJson(text)).toMatchObject({ text, value: JSON.parse(text) });
      }),
    );
  });

  it('says where the outermost fields stand, to the character', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json).filter(withoutProto), gaps, escapes, (fields, between, escaped) => {
        const text = rewritten(JSON.stringify(fields), between, escaped);
        const { spans, value } = parseStrictJson(text);
        expect([...spans.keys()].sort()).toEqual(Object.keys(value as object).sort());
        for (const [name, [start, end]] of spans) {
          const raw = text.slice(start, end);
          expect(raw).toBe(raw.trim());
          expect(JSON.parse(raw)).toEqual((value as Record<string, unknown>)[name]);
        }
      }),
    );
  });

  it('takes nothing that JSON.parse does not, and fails with its own error only, whatever the text', () => {
    const broken = fc
      .tuple(
        fc.json(),
        fc.nat(),
        fc.nat(),
        fc.string({ unit: fc.constantFrom(...'{}[],:"\\u0e-_proto"'), maxLength: 3 }),
      )
      .map(([text, at, length, piece]) => {
        const start = at % (text.length + 1);
        return text.slice(0, start) + piece + text.slice(start + (length % 3));
      });
    fc.assert(
      fc.property(fc.oneof(broken, fc.string(), fc.string({ unit: fc.constantFrom(...'{}[],:"\\ a1') })), (text) => {
        let read: unknown;
        try {
          read = parseStrictJson(text).value;
        } catch (error) {
          expect(error).toBeInstanceOf(JsonError);
          return;
        }
        expect(read).toEqual(JSON.parse(text));
      }),
      { numRuns: 3000 },
    );
  });

  it('refuses a key that an object has already, however either is written', () => {
    const key = fc.string({ unit: fc.constantFrom(...'abc_'), minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(key, escapes, gaps, fc.nat(3), (name, escaped, between, depth) => {
        const twice = rewritten(`{"x":1,"${name}y":1,"${name}":1,"z":{"${name}":0},"${name}":2}`, between, escaped);
        const text = `${'[{"k":'.repeat(depth)}${twice}${'}]'.repeat(depth)}`;
        expect(() => parseStrictJson(text)).toThrow('duplicate key');
      }),
    );
  });

  it('takes the same key in objects of their own', () => {
    const text = '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}],"c":{"a":1}}';
    expect(parseStrictJson(text).value).toEqual(JSON.parse(text));
  });

  it('tells a text that looks like structure from structure', () => {
    const text = String.raw`{"a":"\",\"a\":1}{[\\","b\"":"}","c\\":["]",{"d":",:"}]}`;
    const { value, spans } = parseStrictJson(text);
    expect(value).toEqual(JSON.parse(text));
    expect([...spans.keys()]).toEqual(['a', 'b"', 'c\\']);
  });

  it.each([
    '{"__proto__":1}',
    '{"a":[{"__proto__":1}]}',
    String.raw`{"\u005f_proto__":1}`,
    String.raw`[{"__pr\u006fto__":{}}]`,
  ])('refuses the key __proto__: %s', (text) => expect(() => parseStrictJson(text)).toThrow('__proto__'));

  it('takes __proto__ as a text, and other keys that every object has', () => {
    const text = '{"a":"__proto__","constructor":1,"toString":2,"":3}';
    expect(parseStrictJson(text).value).toEqual(JSON.parse(text));
  });

  it.each([
    ['arrays', '[', ']'],
    ['objects', '{"a":', '}'],
    ['both', '[{"a":', '}]'],
  ])('takes 64 levels of %s and not 65', (_what, open, close) => {
    const nested = (levels: number) => {
      const times = levels / (open.length === 6 ? 2 : 1);
      return `${open.repeat(times)}1${close.repeat(times)}`;
    };
    expect(() => parseStrictJson(nested(64))).not.toThrow();
    expect(() => parseStrictJson(nested(66))).toThrow('nests deeper than 64 levels');
    expect(() => parseStrictJson(`[${nested(64)}]`)).toThrow('nests deeper than 64 levels');
  });

  it('refuses many levels before it builds any of them, closed or not', () => {
    for (const text of [
      '['.repeat(5_000_000),
      '{"a":'.repeat(1_000_000),
      '['.repeat(2_000_000) + ']'.repeat(2_000_000),
    ]) {
      expect(() => parseStrictJson(text)).toThrow('nests deeper');
    }
  });

  it('takes 262,144 objects, arrays and keys, and not one more', () => {
    const parts = (count: number) => `[${'{},'.repeat(count - 2)}{}]`;
    expect(() => parseStrictJson(parts(262_144))).not.toThrow();
    expect(() => parseStrictJson(parts(262_145))).toThrow('more than 262144');
    const keys = (count: number) => `{${Array.from({ length: count - 1 }, (_, index) => `"${index}":1`).join()}}`;
    expect(() => parseStrictJson(keys(262_144))).not.toThrow();
    expect(() => parseStrictJson(keys(262_145))).toThrow('more than 262144');
  });

  it('takes any number of plain values, such as the tokens of a long prompt', () => {
    expect(parseStrictJson(`[${'1,'.repeat(1_000_000)}1]`).value).toHaveLength(1_000_001);
  });

  it.each(['null', 'true', '12', '"text"', ' "a\\"b" ', '[]', '[{"a":1}]'])('has no fields in %s', (text) => {
    const { value, spans } = parseStrictJson(text);
    expect([value, spans.size]).toEqual([JSON.parse(text), 0]);
  });

  it.each([
    '',
    ' ',
    '{',
    '"',
    '"\\',
    '{"a',
    '{"a":"\\',
    '[1,',
    '{"a":1}}',
    '\ufeff{}',
    '{"a":01}',
    "{'a':1}",
    '{"a":1,}',
    '{"\\x":1}',
  ])('is not valid JSON: %j', (text) => expect(() => parseStrictJson(text)).toThrow('not valid JSON'));

  it('never shows more of a key than its beginning', () => {
    const key = 'k'.repeat(10_000);
    expect(() => parseStrictJson(`{"${key}":1,"${key}":1}`)).toThrow(
      new JsonError(`The request body has a duplicate key: "${'k'.repeat(64)}"`),
    );
  });
});
