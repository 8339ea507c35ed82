import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toCsv } from './csv.js';

/** Reads CSV as RFC 4180 defines it. */
function read(csv: string): string[][] {
  const rows: string[][] = [[]];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/y;
  while (field.lastIndex < csv.length) {
    const [, quoted, plain = '', end] = field.exec(csv) ?? [];
    if (end === undefined) throw new Error(`not CSV at ${field.lastIndex}`);
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

describe('toCsv', () => {
  it('writes a line of names and one for each row, each with its line end', () => {
    const rows = [{ a: 'x', b: 1 }, { b: 2.5, a: null, c: 'left out' }, {}];
    expect(toCsv(['a', 'b'], rows)).toBe('a,b\r\nx,1\r\n,2.5\r\n,\r\n');
    expect(toCsv(['a'], [])).toBe('a\r\n');
  });

  it('keeps every text as it is, but for the apostrophe before what would be a formula', () => {
    const text = fc.string({
      unit: fc.oneof(fc.constantFrom(...'",\r\n;=+-@\t\'\u2028é😀'), fc.string({ minLength: 1, maxLength: 1 })),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { minLength: 1 }), (pairs) => {
        const rows = pairs.map(([a, b]) => ({ a, b }));
        const back = read(toCsv(['a', 'b'], rows)).slice(1);
        const plain = (cell: string) => cell.replace(/^'(?=[=+\-@\t\r\n＝＋－＠])/, '');
        expect(back.map((cells) => cells.map(plain))).toEqual(pairs.map((cells) => cells.map(plain)));
      }),
    );
  });

  it.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    "=cmd|' /C calc'!A0",
    '＝1',
    '＋1',
    '－1',
    '＠x',
    '="a,b"',
  ])('never lets a text begin like a formula: %j', (text) =>
    expect(read(toCsv(['a'], [{ a: text }]))).toEqual([['a'], [`'${text}`]]),
  );

  it('writes numbers as numbers, negative ones too', () => {
    expect(toCsv(['a', 'b'], [{ a: -1, b: 9_007_199_254_740_991 }])).toBe('a,b\r\n-1,9007199254740991\r\n');
  });

  it('never lets a text begin a row or a cell of its own', () => {
    expect(read(toCsv(['a', 'b'], [{ a: 'x\r\n=1,', b: '","=1' }]))).toEqual([
      ['a', 'b'],
      ['x\r\n=1,', '","=1'],
    ]);
  });
});
