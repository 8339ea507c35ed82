import { atATime, startCluster } from '../../apps/api/test/cluster.js';
import { startFakeModel } from '../../apps/api/test/fake-model.js';
import { call } from '../../apps/api/test/process-maas.js';
import { anyRequest, type FuzzRequest } from '../../apps/api/test/raw-fuzz.js';
import fc from 'fast-check';
import { Findings } from '../kit/findings.js';
import { FuzzedPlatform } from '../kit/fuzzed-platform.js';
import { mangled } from '../kit/mangled.js';
import { measure } from '../measure.js';

interface Size {
  /** Requests made from the API's description. */
  readonly described: number;
  /** Requests whose bytes are broken. */
  readonly raw: number;
  /** After so many the models and credentials that were asked away are made anew. */
  readonly batch: number;
  readonly atOnce: number;
}

/** Where the load may lead the platform: a port of this machine that nobody listens on. */
const nowhere = (text: string) => text.replaceAll(/(https?)(:\/\/|%3A%2F%2F)[^/"\\%?#&\s]*/gi, '$1$2127.0.0.1:9');
const contained = (request: FuzzRequest): FuzzRequest => ({
  ...request,
  path: nowhere(request.path),
  ...(request.body === undefined ? {} : { body: nowhere(request.body) }),
});

// S8: requests that mean something and those that mean nothing, to a process of its own.
measure<Size>('S8', async ({ size, seed, dice, record, defer }) => {
  const cluster = await startCluster(1, {
    LOGIN_ATTEMPTS_PER_MINUTE: '100000',
    CONTROL_REQUESTS_PER_MINUTE: '10000000',
  });
  defer(() => cluster.stop());
  const backend = await startFakeModel();
  defer(() => backend.close());
  const platform = await FuzzedPlatform.over(cluster, backend.url);
  const findings = new Findings();
  const maas = cluster.at(0);

  const requests = anyRequest(await platform.routes(), await platform.document());
  for (let done = 0; done < size.described; done += size.batch) {
    await platform.restore();
    const batch = fc.sample(requests, { seed: seed + done, numRuns: Math.min(size.batch, size.described - done) });
    await atATime(batch.length, size.atOnce, async (index) => {
      const request = batch[index];
      if (request) findings.take(contained(request), await platform.send(contained(request)));
    });
  }
  for (let done = 0; done < size.raw; done += size.batch) {
    const { token, identity } = await platform.restore();
    await atATime(Math.min(size.batch, size.raw - done), size.atOnce, async () => {
      const bytes = mangled(dice, { token, identity });
      findings.takeRaw(bytes, await platform.sendRaw(bytes));
    });
  }
  const isWell = (await call(maas, '/healthz').catch(() => undefined))?.status === 200;
  const complaints = maas.output().match(/unhandled|uncaught/gi)?.length ?? 0;
  const note = `${size.described} from the description, ${size.raw} broken byte by byte; ${findings.summary()}`;
  record('errors', findings.errors.length, `${note}${examples(findings.errors)}`);
  record('shapes', findings.flaws.length, `of ${findings.refused} refusals${examples(findings.flaws)}`);
  record(
    'crashes',
    complaints + (isWell ? 0 : 1),
    isWell ? 'the process is well afterwards' : 'the process does not answer',
  );
});

const examples = (found: readonly string[]) => (found.length === 0 ? '' : `; ${found.slice(0, 3).join(' | ')}`);
