import type { SupervisorWord, WorkerWord } from '../installation/worker-words.js';

/** Longer than the supervisor waits for a worker that does not answer. */
const ANSWER_MILLISECONDS = 5000;

/** The connection to the supervisor of several workers, as a worker's `process` is one. */
export interface SupervisorLine {
  send(word: WorkerWord): unknown;
  on(event: 'message', listener: (word: SupervisorWord) => void): unknown;
}

/** One of several workers on one port: whichever is asked for metrics gets those of all from the supervisor. */
export class WorkerScrape {
  private readonly waiting = new Map<number, (texts: readonly string[]) => void>();
  private asked = 0;

  /** @param measure what this worker has counted, its place among the others as a label of every series */
  constructor(
    private readonly line: SupervisorLine,
    private readonly measure: (worker: number) => Promise<string>,
  ) {
    line.on('message', (word) => {
      if (word.kind === 'measure') void this.answer(word);
      else if (word.kind === 'gathered') this.waiting.get(word.id)?.(word.texts);
    });
  }

  /** @throws Error when the supervisor does not answer */
  async gather(): Promise<readonly string[]> {
    const id = (this.asked += 1);
    const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
    const late = setTimeout(() => reject(new Error('the supervisor does not answer')), ANSWER_MILLISECONDS);
    this.waiting.set(id, resolve);
    try {
      this.line.send({ kind: 'gather', id });
      return await promise;
    } finally {
      clearTimeout(late);
      this.waiting.delete(id);
    }
  }

  private async answer({ round, worker }: Extract<SupervisorWord, { kind: 'measure' }>): Promise<void> {
    // Who cannot say anything is waited for in vain, and the others are told of.
    const text = await this.measure(worker).catch(() => undefined);
    if (text !== undefined) this.line.send({ kind: 'measured', round, text });
  }
}
