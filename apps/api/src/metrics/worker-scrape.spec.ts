import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { SupervisorWord, WorkerWord } from '../installation/worker-words.js';
import { type SupervisorLine, WorkerScrape } from './worker-scrape.js';

class Line extends EventEmitter implements SupervisorLine {
  readonly said: WorkerWord[] = [];

  send(word: WorkerWord): void {
    this.said.push(word);
  }

  hear(word: SupervisorWord): void {
    this.emit('message', word);
  }
}

let line: Line;
let scrape: WorkerScrape;

beforeEach(() => {
  jest.useFakeTimers();
  line = new Line();
  scrape = new WorkerScrape(line, (worker) =>
    worker === 9 ? Promise.reject(new Error('no')) : Promise.resolve(`of ${worker}`),
  );
});
afterEach(() => void jest.useRealTimers());

describe('WorkerScrape', () => {
  it('says what this worker has counted, by its place', async () => {
    line.hear({ kind: 'measure', round: 4, worker: 1 });
    await jest.advanceTimersByTimeAsync(0);
    expect(line.said).toEqual([{ kind: 'measured', round: 4, text: 'of 1' }]);
  });

  it('says nothing when that cannot be read', async () => {
    line.hear({ kind: 'measure', round: 4, worker: 9 });
    await jest.advanceTimersByTimeAsync(0);
    expect(line.said).toEqual([]);
  });

  it('gets what all have counted, each question its own answer', async () => {
    const [first, second] = [scrape.gather(), scrape.gather()];
    line.hear({ kind: 'gathered', id: 2, texts: ['b'] });
    line.hear({ kind: 'gathered', id: 1, texts: ['a'] });
    expect(await Promise.all([first, second])).toEqual([['a'], ['b']]);
  });

  it('waits no longer than five seconds', async () => {
    const failed = scrape.gather().catch(String);
    await jest.advanceTimersByTimeAsync(5000);
    expect(await failed).toBe('Error: the supervisor does not answer');
  });
});
