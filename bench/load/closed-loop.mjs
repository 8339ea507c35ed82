// @ts-check
import { Connection } from './connection.mjs';
import { EventStream } from './event-stream.mjs';
import { LatencyHistogram } from './latency-histogram.mjs';
import { watchProgress } from './progress.mjs';
import { WholeAnswer } from './whole-answer.mjs';

/**
 * @typedef {object} ClosedLoop
 * @property {number} port
 * @property {string} request as it goes over the wire
 * @property {import('./expectation.mjs').Expectation} expect
 * @property {number} connections
 * @property {number} seconds
 */

/**
 * @typedef {object} ClosedLoopResult
 * @property {number} answers all of them, also those that came after the time
 * @property {number} answersPerSecond
 * @property {number} eventsPerSecond
 * @property {number} p50 milliseconds
 * @property {number} p99 milliseconds
 * @property {number} cpuShare what the generator itself used of one core: near 1 it would be the bottleneck
 */

/**
 * Keeps a number of connections busy: each sends its next request as soon as it has its answer. When the time is over every
 * connection finishes what it has begun, so that the counts of both sides can be compared.
 * @param {ClosedLoop} load
 * @returns {Promise<ClosedLoopResult>}
 */
export function closedLoop({ port, request, expect, connections, seconds }) {
  const bytes = Buffer.from(request);
  const latencies = new LatencyHistogram();
  const began = performance.now();
  const until = began + seconds * 1000;
  const cpu = process.cpuUsage();
  let answers = 0;
  let answersInTime = 0;
  let eventsInTime = 0;
  let lastInTime = began;
  return new Promise((resolve, reject) => {
    let busy = connections;
    /** @type {Connection[]} */
    const open = [];
    const progress = watchProgress(() => answers + eventsInTime, fail);
    for (let index = 0; index < connections; index += 1) open.push(keepBusy());

    function keepBusy() {
      const connection = new Connection(port, fail);
      let sent = performance.now();
      const onEnd = () => {
        const now = performance.now();
        answers += 1;
        latencies.add(now - sent);
        if (now <= until) {
          answersInTime += 1;
          lastInTime = now;
          sent = now;
          // The next request goes out when this one has been checked.
          queueMicrotask(() => connection.send(bytes, receiver));
        } else if ((busy -= 1) === 0) finish();
      };
      const onEvents = (/** @type {number} */ count) => {
        if (performance.now() <= until) eventsInTime += count;
      };
      const receiver =
        expect.kind === 'json' ? new WholeAnswer(expect, onEnd) : new EventStream(expect, onEvents, onEnd);
      connection.send(bytes, receiver);
      return connection;
    }

    /** @param {Error} error */
    function fail(error) {
      progress.stop();
      for (const connection of open) connection.close();
      reject(error);
    }

    function finish() {
      progress.stop();
      for (const connection of open) connection.close();
      const { user, system } = process.cpuUsage(cpu);
      resolve({
        answers,
        answersPerSecond: (answersInTime / (lastInTime - began)) * 1000,
        eventsPerSecond: eventsInTime / seconds,
        p50: latencies.quantile(0.5),
        p99: latencies.quantile(0.99),
        cpuShare: (user + system) / 1000 / (performance.now() - began),
      });
    }
  });
}
