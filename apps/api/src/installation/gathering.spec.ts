import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Gathering } from './gathering.js';
import type { SupervisorWord } from './worker-words.js';

class Heard {
  readonly words: SupervisorWord[] = [];

  send(word: SupervisorWord): boolean {
    return this.words.push(word) > 0;
  }

  get answers() {
    return this.words.filter(({ kind }) => kind === 'gathered');
  }
}

let first: Heard;
let second: Heard;
let gathering: Gathering<Heard>;

beforeEach(() => {
  jest.useFakeTimers();
  [first, second, gathering] = [new Heard(), new Heard(), new Gathering()];
  gathering.begin(first, 7, new Map([[0, first], [1, second]])); // prettier-ignore
});
afterEach(() => void jest.useRealTimers());

describe('Gathering', () => {
  it('asks each worker by its place, and answers who asked with what all said', () => {
    expect(second.words).toEqual([{ kind: 'measure', round: 1, worker: 1 }]);
    gathering.add(second, 1, 'b');
    expect(first.answers).toEqual([]);
    gathering.add(first, 1, 'a');
    expect(first.answers).toEqual([{ kind: 'gathered', id: 7, texts: ['b', 'a'] }]);
    expect(second.answers).toEqual([]);
  });

  it('goes on without a worker that ends', () => {
    gathering.add(first, 1, 'a');
    gathering.forget(second);
    expect(first.answers).toEqual([{ kind: 'gathered', id: 7, texts: ['a'] }]);
  });

  it('goes on without a worker that does not answer for three seconds, and counts no later answer', () => {
    gathering.add(first, 1, 'a');
    jest.advanceTimersByTime(3000);
    gathering.add(second, 1, 'b');
    expect(first.answers).toEqual([{ kind: 'gathered', id: 7, texts: ['a'] }]);
  });

  it('takes one answer of each worker', () => {
    gathering.add(first, 1, 'a');
    gathering.add(first, 1, 'again');
    expect(first.answers).toEqual([]);
  });
});
