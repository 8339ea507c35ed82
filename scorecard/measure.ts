import { writeFileSync } from 'node:fs';
import { afterAll, it } from '@jest/globals';
import { killAll } from '../apps/api/test/process-maas.js';
import { Dice } from './kit/dice.js';

/** What a figure is measured with, and where it says what it found. */
export interface Measuring<Size> {
  readonly size: Size;
  /** Everything that is left to chance comes from it, so that the seed that is printed repeats a run. */
  readonly dice: Dice;
  readonly seed: number;
  /**
   * @param key as in `targets.mjs`
   * @param note of how many, and how they spread
   */
  record(key: string, value: number, note: string): void;
  /** Says why something cannot be measured on this machine. */
  absent(key: string, why: string): void;
  /** Has something put away at the end, the last first, whatever happens. */
  defer(end: () => unknown): void;
}

const LONGEST = 30 * 60_000;

/** Measures a figure when `npm run scorecard` asks for it; what was found until a failure is kept. */
export function measure<Size>(figure: string, work: (measuring: Measuring<Size>) => Promise<void>): void {
  const ends: (() => unknown)[] = [];
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
    killAll();
  }, 60_000);
  it(
    `${figure} is measured`,
    async () => {
      const { size, seed, result } = orders();
      const values: object[] = [];
      const write = (value: object) => {
        values.push(value);
        writeFileSync(result, JSON.stringify(values));
      };
      await work({
        size: size as Size,
        seed,
        dice: new Dice(seed),
        record: (key, value, note) => write({ key, value, note }),
        absent: (key, why) => write({ key, absent: why }),
        defer: (end) => ends.push(end),
      });
    },
    LONGEST,
  );
}

/** What the run says to each of its figures. */
function orders(): { size: unknown; seed: number; result: string } {
  const { SCORECARD_SIZE: size, SCORECARD_SEED: seed, SCORECARD_RESULT: result } = process.env;
  if (size === undefined || seed === undefined || result === undefined)
    throw new Error('Figures are measured by `npm run scorecard -- --only ID`');
  return { size: JSON.parse(size), seed: Number(seed), result };
}
