// @ts-check
import { readFileSync } from 'node:fs';
import { keepBusy } from './busy.mjs';

/**
 * @typedef {object} Cost
 * @property {string} name
 * @property {number} micros of self time for each answer
 */

/** @typedef {{ functions: Cost[]; packages: Cost[] }} Costs the largest first */

/**
 * Profiles a target while it is kept busy.
 * @param {import('../targets/stand.mjs').Stand} stand
 * @param {import('../targets/target.mjs').Target} target
 * @param {keyof typeof import('./busy.mjs').loads} load
 * @param {import('./busy.mjs').Expected} expected
 * @param {{ seconds: number; path: string }} plan `path` of the .cpuprofile, which Chrome's and VS Code's tools open
 * @returns {Promise<Costs>}
 */
export async function profile(stand, target, load, expected, { seconds, path }) {
  await target.process.ask('startProfile');
  const { answers } = await keepBusy(stand, target, load, expected, seconds);
  await target.process.ask('stopProfile', path);
  return costs(JSON.parse(readFileSync(path, 'utf8')), answers);
}

/**
 * @typedef {object} CpuProfile
 * @property {{ id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[]} nodes
 * @property {number[]} samples
 * @property {number[]} timeDeltas
 */

/**
 * @param {CpuProfile} cpuProfile
 * @param {number} answers
 * @returns {Costs}
 */
function costs({ nodes, samples, timeDeltas }, answers) {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  /** @type {Map<string, number>} */
  const functions = new Map();
  /** @type {Map<string, number>} */
  const packages = new Map();
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id);
    const time = timeDeltas[index] ?? 0;
    if (!frame || frame.functionName === '(idle)') continue;
    const owner = ownerOf(frame);
    add(functions, `${frame.functionName || '(anonymous)'}  ${owner}:${frame.lineNumber + 1}`, time);
    add(packages, owner.split(' ', 1)[0] ?? owner, time);
  }
  return { functions: largest(functions, answers), packages: largest(packages, answers) };
}

/**
 * @param {{ functionName: string; url: string }} frame
 * @returns {string} the package or room, and the file
 */
function ownerOf({ functionName, url }) {
  if (url === '') return functionName === '(garbage collector)' ? 'gc' : 'native';
  if (url.startsWith('node:')) return `node ${url.slice('node:'.length)}`;
  const library = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(.*)/.exec(url);
  if (library) return `${library[1]} ${library[2]}`;
  const own = /\/(apps|libs)\/([^/]+)\/(?:dist|src)\/(.*)/.exec(url);
  return own ? `ours/${own[2]} ${own[3]}` : url;
}

/**
 * @param {Map<string, number>} sums
 * @param {string} name
 * @param {number} time
 */
function add(sums, name, time) {
  sums.set(name, (sums.get(name) ?? 0) + time);
}

/**
 * @param {Map<string, number>} sums in microseconds
 * @param {number} answers
 * @returns {Cost[]}
 */
function largest(sums, answers) {
  return [...sums].map(([name, time]) => ({ name, micros: time / answers })).sort((a, b) => b.micros - a.micros);
}
