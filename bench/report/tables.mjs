// @ts-check
import { labels } from '../targets/target.mjs';
import { ratio, spread } from './statistics.mjs';
import { plain, printTable, ranged } from './table.mjs';

/** @typedef {import('../measures/busy.mjs').Busy} Busy */
/** @typedef {import('../targets/target.mjs').TargetName} TargetName */

/** @type {readonly TargetName[]} */
const names = ['direct', 'bare', 'gateway', 'portkey'];

/**
 * @template Result
 * @param {Partial<Record<TargetName, Result[]>>} results
 * @returns {[TargetName, Result[]][]}
 */
function inOrder(results) {
  return names.flatMap((name) => {
    const found = results[name];
    return found ? [/** @type {[TargetName, Result[]]} */ ([name, found])] : [];
  });
}

/**
 * Measures a and c.
 * @param {string} title
 * @param {string} unit
 * @param {Partial<Record<TargetName, Busy[]>>} results
 * @param {'answersPerSecond' | 'eventsPerSecond'} rate
 */
export function printBusy(title, unit, results, rate) {
  const rates = (/** @type {Busy[] | undefined} */ rounds) => (rounds ?? []).map((round) => round[rate]);
  const bareCpu = cpu(results.bare);
  const bare = rates(results.bare);
  const peer = rates(results.portkey);
  const rows = inOrder(results).map(([name, rounds]) => [
    labels[name],
    ranged(ratio(rates(rounds), bare), 2),
    peer.length > 0 ? ranged(ratio(rates(rounds), peer), 2) : '–',
    ranged(spread(rates(rounds))),
    ranged(ratio(cpu(rounds), bareCpu), 2),
    plain(spread(cpu(rounds)).median),
    databaseMicros(rounds),
    plain(spread(rounds.map(({ p99 }) => p99)).median, 1),
    plain(spread(rounds.map(({ generatorShare }) => generatorShare)).median, 2),
  ]);
  const columns = [
    '',
    'of bare',
    'of Portkey',
    `${unit}/s`,
    'CPU of bare',
    'CPU µs/answer',
    'database µs',
    'p99 ms',
    'generator cores',
  ];
  printTable(title, columns, rows);
}

/**
 * @param {Busy[] | undefined} rounds
 * @returns {number[]} microseconds of CPU time for each answer
 */
function cpu(rounds) {
  return (rounds ?? []).map(({ cpuMicrosPerAnswer }) => cpuMicrosPerAnswer);
}

/**
 * Measure e: the rate is given, so what counts is what an event costs.
 * @param {string} title
 * @param {number} events of each answer
 * @param {Partial<Record<TargetName, Busy[]>>} results
 */
export function printPaced(title, events, results) {
  const rows = inOrder(results).map(([name, rounds]) => [
    labels[name],
    ranged(ratio(cpu(rounds), cpu(results.bare)), 2),
    ranged(spread(cpu(rounds).map((micros) => micros / events)), 1),
    ranged(spread(rounds.map(({ eventsPerSecond }) => eventsPerSecond))),
  ]);
  printTable(title, ['', 'CPU of bare', 'CPU µs/event', 'events/s'], rows);
}

/** @param {Busy[]} rounds */
function databaseMicros(rounds) {
  const known = rounds.flatMap(({ databaseMicrosPerAnswer }) => databaseMicrosPerAnswer ?? []);
  return known.length > 0 ? plain(spread(known).median) : '–';
}

/**
 * Measure b.
 * @param {string} title
 * @param {Awaited<ReturnType<typeof import('../measures/latency.mjs').latencyRounds>>} results
 */
export function printLatency(title, { direct, added }) {
  const base = [
    labels.direct,
    plain(spread(direct.map(({ p50 }) => p50)).median, 2),
    plain(spread(direct.map(({ p99 }) => p99)).median, 2),
    '0',
    '',
  ];
  const bare = added.bare ?? [];
  const rows = inOrder(added).map(([name, rounds]) => [
    labels[name],
    `+${ranged(spread(rounds.map(({ p50 }) => p50)), 2)}`,
    `+${ranged(spread(rounds.map(({ p99 }) => p99)), 2)}`,
    `+${ranged(spread(rounds.map(({ paired }) => paired)), 2)}`,
    ranged(
      ratio(
        rounds.map(({ paired }) => paired),
        bare.map(({ paired }) => paired),
      ),
      2,
    ),
  ]);
  printTable(title, ['', 'p50 ms', 'p99 ms', 'median of pairs ms', 'of bare'], [base, ...rows]);
}

/**
 * Measure d.
 * @param {string} title
 * @param {Partial<Record<TargetName, import('../measures/memory.mjs').Memory[]>>} results
 * @param {Partial<Record<TargetName, number>>} rssAfterLoad bytes
 */
export function printMemory(title, results, rssAfterLoad) {
  const of = (/** @type {TargetName} */ name, /** @type {'rssPerStream' | 'heapPerStream'} */ what) =>
    (results[name] ?? []).map((round) => round[what]);
  const rows = inOrder(results).map(([name, rounds]) => [
    labels[name],
    ranged(ratio(of(name, 'rssPerStream'), of('bare', 'rssPerStream')), 2),
    ranged(spread(of(name, 'rssPerStream').map(kib)), 1),
    ranged(ratio(of(name, 'heapPerStream'), of('bare', 'heapPerStream')), 2),
    plain(kib(spread(of(name, 'heapPerStream')).median), 1),
    ranged(spread(rounds.map(({ idleRss }) => mib(idleRss)))),
    plain(mib(spread(rounds.map(({ rssAfter }) => rssAfter)).median)),
    rssAfterLoad[name] === undefined ? '–' : plain(mib(rssAfterLoad[name])),
  ]);
  const columns = [
    '',
    'RSS of bare',
    'KiB/stream',
    'heap of bare',
    'KiB/stream',
    'MiB idle',
    'MiB after the streams',
    'MiB after the load',
  ];
  printTable(title, columns, rows);
}

/** @param {number} bytes */
export const kib = (bytes) => bytes / 1024;
/** @param {number} bytes */
export const mib = (bytes) => bytes / 1024 / 1024;
