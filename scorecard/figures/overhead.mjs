// @ts-check
// S20: what the platform adds to a backend's own latency with all of it on; the benchmark's measure b, at a gentle rate.
import { writeFileSync } from 'node:fs';
import { expectedAnswers } from '../../bench/measures/expected-answers.mjs';
import { latencyRounds } from '../../bench/measures/latency.mjs';
import { warmUp } from '../../bench/measures/busy.mjs';
import { stopAll } from '../../bench/processes/managed-process.mjs';
import { spread } from '../../bench/report/statistics.mjs';
import { Stand } from '../../bench/targets/stand.mjs';

/** @type {{ requestsPerSecond: number; seconds: number; rounds: number; warmUpSeconds: number }} */
const size = JSON.parse(process.env['SCORECARD_SIZE'] ?? '');

/** @type {Stand | undefined} */
let stand;
try {
  // Limits are counted as several processes count them.
  stand = await Stand.open({ LIMITS: 'postgres' });
  await stand.install();
  const expected = await expectedAnswers(stand.simulator.port);
  const targets = [await stand.start('direct', stand.simulator), await stand.start('gateway', stand.simulator)];
  await warmUp(stand, targets, expected, size.warmUpSeconds);
  const plan = { ...size, rate: size.requestsPerSecond };
  const { direct, added } = await latencyRounds(stand, targets, expected, plan);
  const rounds = added.gateway ?? [];
  const note = `${size.requestsPerSecond} requests/s, ${size.rounds} rounds of ${size.seconds} s, limits in PostgreSQL`;
  const values = /** @type {const} */ (['p50', 'p99']).map((key) => {
    const of = spread(rounds.map((round) => round[key]));
    const itself = spread(direct.map((round) => round[key])).median.toFixed(2);
    const between = `${of.min.toFixed(2)} to ${of.max.toFixed(2)}`;
    return { key, value: of.median, note: `${between} on top of ${itself} ms; ${note}` };
  });
  writeFileSync(process.env['SCORECARD_RESULT'] ?? '', JSON.stringify(values));
} finally {
  await stopAll();
  stand?.removeData();
}
// The IPC channels of what was measured may keep the program.
process.exit();
