// @ts-check
// What is measured, in which order, and how large: as a whole within 30 minutes, or in short within 3.

/** @typedef {Readonly<Record<string, number | string>>} Size */

/**
 * @typedef {object} Figure
 * @property {string} id
 * @property {string} file in `figures/`: a suite of Jest's (`.spec.ts`), or a program of its own (`.mjs`)
 * @property {Size} full
 * @property {Size | undefined} short undefined: only as a whole
 * @property {'always' | 'whole' | 'never'} alone whether nothing else is measured meanwhile, because how long something takes
 * is the figure; `whole`: in a short run there is room enough below its target
 * @property {number} minutes after which it is given up
 */

/** @type {readonly Figure[]} */
export const figures = [
  {
    id: 'S1',
    file: 'database-outage.spec.ts',
    full: { outageSeconds: 240, requestsPerSecond: 50, processes: 3 },
    short: { outageSeconds: 6, requestsPerSecond: 50, processes: 2 },
    alone: 'never',
    minutes: 14,
  },
  {
    id: 'S2',
    file: 'kills.spec.ts',
    full: { kills: 20, requests: 10_000, longStreams: 12, longestLifeSeconds: 4 },
    short: { kills: 3, requests: 600, longStreams: 12, longestLifeSeconds: 2 },
    alone: 'never',
    minutes: 6,
  },
  {
    id: 'S3',
    file: 'request-limit.spec.ts',
    full: { processes: 3, runs: 50, requests: 640, atOnce: 64, limit: 100 },
    short: { processes: 2, runs: 1, requests: 640, atOnce: 64, limit: 100 },
    alone: 'never',
    minutes: 8,
  },
  {
    id: 'S3b',
    file: 'request-limit-outage.spec.ts',
    full: { runs: 10, requests: 640, atOnce: 64, limit: 100 },
    short: { runs: 1, requests: 640, atOnce: 64, limit: 100 },
    alone: 'never',
    minutes: 6,
  },
  {
    id: 'S4',
    file: 'token-limit.spec.ts',
    full: {
      processes: 3,
      runs: 10,
      requests: 256,
      atOnce: 64,
      limit: 10_000,
      each: 390,
      kills: 10,
      held: 10,
      holdSeconds: 45,
    },
    short: {
      processes: 2,
      runs: 1,
      requests: 256,
      atOnce: 64,
      limit: 10_000,
      each: 390,
      kills: 1,
      held: 10,
      holdSeconds: 3,
    },
    alone: 'never',
    minutes: 6,
  },
  {
    id: 'S5',
    file: 'revocation.spec.ts',
    full: { processes: 3, revocations: 500, withoutNotice: 50 },
    short: { processes: 2, revocations: 20, withoutNotice: 5 },
    alone: 'whole',
    minutes: 6,
  },
  {
    id: 'S6',
    file: 'rolling-restart.spec.ts',
    full: { streams: 200, streamSeconds: 30, tokenMilliseconds: 100, requestsPerSecond: 20 },
    short: { streams: 20, streamSeconds: 2, tokenMilliseconds: 50, requestsPerSecond: 20 },
    alone: 'never',
    minutes: 6,
  },
  {
    id: 'S7',
    file: 'aborts.spec.ts',
    full: { aborts: 1000, atOnce: 8 },
    short: { aborts: 100, atOnce: 8 },
    alone: 'whole',
    minutes: 4,
  },
  {
    id: 'S8',
    file: 'bad-input.spec.ts',
    full: { described: 80_000, raw: 20_000, batch: 400, atOnce: 16 },
    short: { described: 1000, raw: 300, batch: 250, atOnce: 16 },
    alone: 'never',
    minutes: 10,
  },
  {
    id: 'S11',
    file: 'slow-readers.spec.ts',
    full: {
      slowReaders: 1000,
      beside: 300,
      requestsPerSecond: 30,
      baselineSeconds: 40,
      warmUpSeconds: 20,
      seconds: 90,
    },
    short: { slowReaders: 50, beside: 50, requestsPerSecond: 30, baselineSeconds: 0, warmUpSeconds: 1, seconds: 4 },
    alone: 'always',
    minutes: 8,
  },
  { id: 'S13', file: 'fault-tests.mjs', full: {}, short: undefined, alone: 'never', minutes: 8 },
  {
    id: 'S14',
    file: 'clock-jumps.spec.ts',
    full: { jumps: 6, limit: 20 },
    short: { jumps: 2, limit: 20 },
    alone: 'never',
    minutes: 4,
  },
  {
    id: 'S18',
    file: 'replay.spec.ts',
    full: { lostAnswers: 100, rowsEach: 40, replays: 3 },
    short: { lostAnswers: 10, rowsEach: 40, replays: 3 },
    alone: 'never',
    minutes: 4,
  },
  {
    id: 'S20',
    file: 'overhead.mjs',
    full: { requestsPerSecond: 50, seconds: 12, rounds: 3, warmUpSeconds: 4 },
    short: { requestsPerSecond: 50, seconds: 4, rounds: 1, warmUpSeconds: 2 },
    alone: 'always',
    minutes: 4,
  },
  {
    id: 'S22',
    file: 'usage-history.spec.ts',
    full: { rows: 10_000_000, people: 1000, models: 50, days: 365, asks: 5 },
    short: undefined,
    alone: 'whole',
    minutes: 20,
  },
];
