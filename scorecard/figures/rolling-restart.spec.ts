import { BalancedReplicas, type BalancedStream } from '../../apps/api/test/balanced-replicas.js';
import { hasBalancer } from '../../apps/api/test/compose-balancer.js';
import { measure } from '../measure.js';

interface Size {
  readonly streams: number;
  readonly streamSeconds: number;
  readonly tokenMilliseconds: number;
  readonly requestsPerSecond: number;
}

const REPLICAS = 3;
/** The delay before a process stops to listen, its start, and the balancer's checks, for one restart. */
const BETWEEN_SECONDS = 4;

// S6: three processes behind HAProxy are restarted one after the other, while streams run and requests come.
measure<Size>('S6', async ({ size, record, absent, defer }) => {
  if (!hasBalancer) {
    for (const key of ['streams', 'requests']) absent(key, 'no haproxy on this machine');
    return;
  }
  const replicas = await BalancedReplicas.start(REPLICAS, `${size.streamSeconds + 15}s`);
  defer(() => replicas.stop());
  const streams: Promise<BalancedStream | string>[] = [];
  const answers: Promise<number | string>[] = [];
  const tokens = Math.round((size.streamSeconds * 1000) / size.tokenMilliseconds);
  const stream = () => streams.push(replicas.stream(tokens, size.tokenMilliseconds).catch(String));
  const asking = setInterval(() => answers.push(replicas.ask().catch(String)), 1000 / size.requestsPerSecond);
  // A restart lasts as long as a stream that began right before it, so these are spread over all three.
  const spread = (REPLICAS * (size.streamSeconds + BETWEEN_SECONDS) * 1000) / size.streams;
  const streaming = setInterval(stream, spread);
  let codes: (number | null)[];
  try {
    codes = await replicas.restartAll();
    while (streams.length < size.streams) stream();
  } finally {
    clearInterval(asking);
    clearInterval(streaming);
  }
  const ended = await Promise.all(streams);
  const whole = ended.filter((each) => typeof each === 'object' && each.isWhole && each.pieces === tokens);
  const statuses = await Promise.all(answers);
  const failed = statuses.filter((status) => status !== 200);
  const shown = [...new Set([...failed, ...ended.filter((each) => typeof each === 'string')])].slice(0, 3).join(', ');
  const note = `${whole.length} of ${ended.length} of ${size.streamSeconds} s; ${REPLICAS} restarts, exit codes ${codes.join(' ')}`;
  record('streams', (100 * whole.length) / ended.length, note);
  record('requests', failed.length, `of ${statuses.length}${shown === '' ? '' : `: ${shown}`}`);
});
