// @ts-check
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const jest = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  join(root, 'node_modules/jest/bin/jest.js'),
  '--config',
  join(root, 'scorecard/jest.config.mjs'),
  '--runInBand',
  '--forceExit',
  '--runTestsByPath',
];
/** For a suite to put away what it started. */
const ENDING_MS = 20_000;
const SHOWN_OUTPUT = 1500;

/** @typedef {{ key: string; value: number; note: string } | { key: string; absent: string }} Value */

/**
 * What a figure came to.
 * @typedef {object} Taken
 * @property {string} id
 * @property {import('./figures.mjs').Size} size
 * @property {number} seconds
 * @property {readonly Value[]} values
 * @property {string | undefined} failure why some are missing
 */

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/**
 * Measures a figure in a process of its own.
 * @param {import('./figures.mjs').Figure} figure
 * @param {import('./figures.mjs').Size} size
 * @param {{ seed: number; folder: string; environment: Record<string, string> }} run
 * @returns {Promise<Taken>}
 */
export async function takeFigure({ id, file, minutes }, size, { seed, folder, environment }) {
  const began = Date.now();
  const result = join(folder, `${id}.json`);
  const path = join(root, 'scorecard/figures', file);
  const child = spawn(process.execPath, file.endsWith('.mjs') ? [path] : [...jest, path], {
    cwd: root,
    env: {
      ...process.env,
      ...environment,
      SCORECARD_SIZE: JSON.stringify(size),
      SCORECARD_SEED: String(seed),
      SCORECARD_RESULT: result,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const log = createWriteStream(join(folder, `${id}.log`));
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
      log.write(text);
    });
  let isLate = false;
  const late = setTimeout(() => {
    isLate = true;
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), ENDING_MS).unref();
  }, minutes * 60_000);
  /** @type {number | string} */
  const ending = await new Promise((resolve) => child.once('close', (code, signal) => resolve(code ?? signal ?? '')));
  clearTimeout(late);
  running.delete(child);
  log.end();
  const values = existsSync(result) ? JSON.parse(readFileSync(result, 'utf8')) : [];
  const failure = isLate ? `not done after ${minutes} minutes` : endingOf(ending, output);
  return { id, size, seconds: Math.round((Date.now() - began) / 1000), values, failure };
}

/**
 * @param {number | string} ending an exit code, or the signal
 * @param {string} output
 */
function endingOf(ending, output) {
  if (ending === 0) return undefined;
  return typeof ending === 'string' ? `ended by ${ending}` : output.slice(-SHOWN_OUTPUT) || `ended with ${ending}`;
}

/** Ends what is being measured. */
export function stopFigures() {
  for (const child of running) child.kill('SIGTERM');
}
