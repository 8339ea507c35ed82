import { beforeEach, describe, expect, it } from '@jest/globals';
import { Answers } from './answers.js';

let time: number;
let asked: number;
let answers: Answers<string>;
const ask = async (value: string) => {
  asked += 1;
  return value;
};

beforeEach(() => {
  time = 0;
  asked = 0;
  answers = new Answers(
    () => time,
    (value) => (value === 'no' ? 2 : 10),
    2,
  );
});

describe('an answer', () => {
  it('is good for as long as its value says', async () => {
    expect(await answers.get('a', () => ask('yes'))).toBe('yes');
    expect(await answers.get('b', () => ask('no'))).toBe('no');
    time = 2;
    expect(answers.get('a', () => ask('other'))).toBe('yes');
    expect(await answers.get('b', () => ask('yes'))).toBe('yes');
    time = 10;
    expect(answers.recall('a')).toBeUndefined();
    expect(await answers.get('a', () => ask('other'))).toBe('other');
    expect(asked).toBe(4);
  });

  it('is asked for once, whoever wants it meanwhile', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, async () => answers.get('a', () => ask('yes'))));
    expect([new Set(all), asked]).toEqual([new Set(['yes']), 1]);
  });

  it('that could not be had is not remembered', async () => {
    const failing = () => Promise.reject(new Error('away'));
    const both = [answers.get('a', failing), answers.get('a', failing)];
    for (const one of both) await expect(one).rejects.toThrow('away');
    expect(await answers.get('a', () => ask('yes'))).toBe('yes');
  });

  it('goes when there are too many, the oldest first', async () => {
    for (const key of ['a', 'b', 'c']) await answers.get(key, () => ask(key));
    expect(['a', 'b', 'c'].map((key) => answers.recall(key))).toEqual([undefined, 'b', 'c']);
  });
});
