// Which suites come first: those that start programs take longest, whatever their size, and one that comes last is waited
// for by a worker that has nothing else to do. Within each kind it is as Jest has it: by how long each took the last time,
// else by size.
import { readFileSync } from 'node:fs';
import TestSequencer from '@jest/test-sequencer';

/** The parts of the harness that start the built program, a browser or a server, and Node's own ways to start one. */
const startsPrograms =
  /process-maas|startChromium|startCluster|Installation\b|BalancedReplicas|start(?:Embedded|Scratch|Outage)Postgres|node:child_process/;

export default class LongestFirst extends TestSequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const { first, then } = Object.groupBy(sorted, ({ path }) =>
      startsPrograms.test(readFileSync(path, 'utf8')) ? 'first' : 'then',
    );
    return [...(first ?? []), ...(then ?? [])];
  }
}
