import { beforeEach, describe, expect, it } from '@jest/globals';
import { QuestionBudget, TooManyRefusals } from './question-budget.js';

let now: number;
let budget: QuestionBudget;
let asked: number;
let told: string[];

const limits = { refusals: 3, window: 60_000, atOnce: 2, waiting: 10, patience: 5000 };
const isNo = (answer: string) => answer === 'no';
const ask = (key: string, answer: string, isNew = true) =>
  budget.run(
    key,
    isNew,
    () => {
      asked += 1;
      return Promise.resolve(answer);
    },
    isNo,
  );
const outcome = (asking: Promise<string>) =>
  asking.catch((error: unknown) => (error instanceof TooManyRefusals ? error.seconds : String(error)));

beforeEach(() => {
  [now, asked, told] = [0, 0, []];
  budget = new QuestionBudget(
    () => now,
    limits,
    (key) => told.push(key),
  );
});

describe('who has had too many refusals', () => {
  it('is asked about no more until the window is over, and others are', async () => {
    for (let turn = 0; turn < 3; turn += 1) await ask('mallory', 'no');
    now = 30_000;
    expect(await outcome(ask('mallory', 'yes'))).toBe(30);
    expect([await ask('ana', 'yes'), asked]).toEqual(['yes', 4]);
    now = 60_000;
    expect(await ask('mallory', 'yes')).toBe('yes');
  });

  it('gets no more by coming all at once', async () => {
    const all = await Promise.all(Array.from({ length: 12 }, () => outcome(ask('mallory', 'no'))));
    // Two are under way when the third refusal comes.
    expect(all.filter((each) => each === 'no').length).toBeLessThanOrEqual(4);
    expect(asked).toBeLessThanOrEqual(4);
  });

  it('keeps what was asked about before, and is told of once', async () => {
    for (let turn = 0; turn < 3; turn += 1) await ask('ana', 'no');
    expect(await ask('ana', 'yes', false)).toBe('yes');
    expect(told).toEqual(['ana']);
  });
});

it('neither good answers nor failures cost anything', async () => {
  const failing = () =>
    budget.run('ana', true, () => Promise.reject(new Error('away')), isNo).catch((error: Error) => error.message);
  for (let turn = 0; turn < 10; turn += 1) expect([await failing(), await ask('ana', 'yes')]).toEqual(['away', 'yes']);
});

it('has so many questions of one under way at once, and answers all', async () => {
  let running = 0;
  let most = 0;
  const slow = () =>
    budget.run(
      'ana',
      true,
      async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return 'yes';
      },
      isNo,
    );
  expect(new Set(await Promise.all(Array.from({ length: 10 }, slow)))).toEqual(new Set(['yes']));
  expect(most).toBe(2);
});

it('remembers no more of them than it has room for', async () => {
  budget = new QuestionBudget(
    () => now,
    limits,
    () => undefined,
    2,
  );
  for (let turn = 0; turn < 3; turn += 1) await ask('mallory', 'no');
  await ask('ana', 'yes');
  await ask('bo', 'yes');
  expect(await ask('mallory', 'yes')).toBe('yes');
});
