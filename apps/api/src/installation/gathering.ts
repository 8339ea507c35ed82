import type { SupervisorWord } from './worker-words.js';

/** A worker that does not answer is left out of what the others say. */
const ANSWER_MILLISECONDS = 3000;

interface Measured {
  send(word: SupervisorWord): boolean;
}

interface Round<Worker> {
  readonly waiting: Set<Worker>;
  readonly texts: string[];
  readonly timer: NodeJS.Timeout;
  end(): void;
}

/** Asks all workers what they have counted, for the one of them that was asked. */
export class Gathering<Worker extends Measured> {
  private readonly rounds = new Map<number, Round<Worker>>();
  private begun = 0;

  /**
   * @param id what the asker calls it
   * @param workers by their places
   */
  begin(asker: Worker, id: number, workers: ReadonlyMap<number, Worker>): void {
    const number = (this.begun += 1);
    const round: Round<Worker> = {
      waiting: new Set(workers.values()),
      texts: [],
      timer: setTimeout(() => round.end(), ANSWER_MILLISECONDS),
      end: () => {
        clearTimeout(round.timer);
        this.rounds.delete(number);
        asker.send({ kind: 'gathered', id, texts: round.texts });
      },
    };
    this.rounds.set(number, round);
    for (const [place, worker] of workers) worker.send({ kind: 'measure', round: number, worker: place });
  }

  add(worker: Worker, number: number, text: string): void {
    const round = this.rounds.get(number);
    if (!round?.waiting.delete(worker)) return;
    round.texts.push(text);
    if (round.waiting.size === 0) round.end();
  }

  /** It has ended, and answers nothing any more. */
  forget(worker: Worker): void {
    for (const round of this.rounds.values()) {
      if (round.waiting.delete(worker) && round.waiting.size === 0) round.end();
    }
  }
}
