import { atATime, later, startCluster } from '../../apps/api/test/cluster.js';
import { RawConnection } from '../../apps/api/test/raw-connection.js';
import { rawRequest } from '../../apps/api/test/raw-request.js';
import { chunk, eventually } from '../../apps/api/test/streams.js';
import { freeSlots } from '../kit/free-slots.js';
import { unlimited } from '../kit/limit-stores.js';
import { quantile } from '../kit/quantile.js';
import { UsageLedger } from '../kit/usage-ledger.js';
import { measure } from '../measure.js';

interface Size {
  readonly aborts: number;
  readonly atOnce: number;
}

const HEADERS_AFTER = 20;
const CHUNK_EVERY = 10;
const LONGEST_STAY = 200;
/** A backend that has not heard of it by then never will. */
const GIVEN_UP = 10_000;

/** One exchange, as the backend saw it. */
interface Exchange {
  produced: number;
  /** Of it, what there was when the client went. */
  producedWhenGone: number;
  closedAt: number | undefined;
}

// S7: clients go away at any instant, before or within a stream, orderly or by a reset.
measure<Size>('S7', async ({ size, dice, record, defer }) => {
  const cluster = await startCluster(1, { LIMITS: 'postgres', LIMITS_TIMEOUT: '10s' });
  defer(() => cluster.stop());
  const token = await cluster.member({ ...unlimited, maxConcurrentRequests: size.atOnce, tokensPerMinute: 10_000_000 });
  const [model = ''] = (await cluster.ask(0, token)).status === 200 ? [modelOf(cluster.backend.seen)] : [];
  const seen = new Map<string, Exchange>();
  let open = 0;
  cluster.backend.behave((request, response) => {
    const { user } = JSON.parse(request.body) as { user: string };
    const exchange: Exchange = { produced: 0, producedWhenGone: 0, closedAt: undefined };
    seen.set(user, exchange);
    open += 1;
    const begin = setTimeout(() => response.writeHead(200, { 'content-type': 'text/event-stream' }), HEADERS_AFTER);
    const produce = setInterval(() => {
      if (!response.headersSent) return;
      response.write(chunk('word'));
      exchange.produced += 1;
    }, CHUNK_EVERY);
    response.once('close', () => {
      exchange.closedAt = performance.now();
      open -= 1;
      clearTimeout(begin);
      clearInterval(produce);
    });
  });

  const ids = new Map<string, string>();
  const waits = await atATime(size.aborts, size.atOnce, async (index) => {
    const user = `client-${index}`;
    const body = JSON.stringify({
      model,
      user,
      stream: true,
      max_tokens: 1000,
      messages: [{ role: 'user', content: 'Go' }],
    });
    const connection = await RawConnection.open(cluster.at(0).url);
    connection.send(
      rawRequest({ path: '/v1/chat/completions', token, body, lines: ['content-type: application/json'] }),
    );
    await eventually(() => seen.has(user), `${user} reaches the backend`, GIVEN_UP);
    await later(dice.next() * LONGEST_STAY);
    const [, id] = /x-request-id: (\S+)/i.exec(connection.soFar) ?? [];
    if (id !== undefined) ids.set(user, id);
    const gone = performance.now();
    const exchange = seen.get(user);
    if (exchange) exchange.producedWhenGone = exchange.produced;
    if (dice.next() < 0.5) connection.reset();
    else connection.close();
    await eventually(() => seen.get(user)?.closedAt !== undefined, `${user} is heard to be gone`, GIVEN_UP);
    return (seen.get(user)?.closedAt ?? Number.NaN) - gone;
  });
  const note = `${size.aborts} aborts, ${size.atOnce} at a time; p50 ${quantile(waits, 0.5).toFixed(1)}, longest ${quantile(waits, 1).toFixed(1)} ms`;
  record('p99', quantile(waits, 0.99), note);

  const ledger = await UsageLedger.open(cluster.databaseUrl);
  defer(() => ledger.close());
  await eventually(async () => (await ledger.rows()).size > size.aborts, 'a row for each', 20_000);
  const rows = await ledger.rows();
  const differences = [...ids].map(([user, id]) => difference(rows.get(id)?.tokens ?? 0, seen.get(user)));
  const most = differences.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
  const exact = differences.filter((each) => each === 0).length;
  record('billed', Math.abs(most), `billed less produced: ${most} at most, none for ${exact} of ${differences.length}`);
  const openLeft = open;
  const free = await freeSlots(cluster, 0, token, size.atOnce);
  record('leaked', openLeft + size.atOnce - free, `${openLeft} exchanges, ${size.atOnce - free} holds`);
});

/** By how much the bill is less than what there was when the client went, or more than there was at the end. */
function difference(billed: number, { producedWhenGone, produced }: Partial<Exchange> = {}): number {
  return Math.min(0, billed - (producedWhenGone ?? 0)) + Math.max(0, billed - (produced ?? 0));
}

/** By which the gateway asked for it. */
function modelOf(seen: readonly { body: string }[]): string {
  return (JSON.parse(seen.at(-1)?.body ?? '{}') as { model?: string }).model ?? '';
}
