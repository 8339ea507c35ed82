import type { LoginResult } from '@maas/contracts/auth';
import type { CreatedToken } from '@maas/contracts/tokens';
import { administrator, type Cluster, startCluster } from '../../apps/api/test/cluster.js';
import { call, type MaasProcess } from '../../apps/api/test/process-maas.js';
import { eventually } from '../../apps/api/test/streams.js';
import { quantile } from '../kit/quantile.js';
import { startWithoutNotices } from '../kit/without-notices.js';
import { measure } from '../measure.js';

interface Size {
  readonly processes: number;
  readonly revocations: number;
  readonly withoutNotice: number;
}

/** A process that accepts a revoked token for longer has failed, whatever the aim. */
const GIVEN_UP = 10_000;

/** Asks one process again and again until it refuses. @returns when it was asked for the last time that it accepted */
async function lastAccepted(where: MaasProcess, token: string): Promise<number> {
  let last = Number.NEGATIVE_INFINITY;
  const began = performance.now();
  for (;;) {
    const asked = performance.now();
    const { status } = await call(where, '/v1/models', { token });
    if (status === 401) return last;
    if (status !== 200) throw new Error(`answered with ${status}`);
    if (asked - began > GIVEN_UP) throw new Error(`a revoked token was accepted for ${GIVEN_UP} ms`);
    last = asked;
  }
}

/** Where notices are lost, a process learns that there is such a person when it looks the next time. */
async function acceptedByAll(cluster: Cluster, path: string, token: string): Promise<void> {
  const accepts = async (each: MaasProcess) => (await call(each, path, { token })).status === 200;
  const waiting = cluster.processes.map((each) => eventually(() => accepts(each), 'the token is accepted'));
  await Promise.all(waiting);
}

/** @returns for each revocation and process the milliseconds from its answer until the last request that was accepted */
async function revoke(cluster: Cluster, times: number): Promise<number[]> {
  const login = await call<LoginResult>(cluster.at(0), '/maas-api/v1/login', { body: administrator });
  const identity = login.body.token;
  await acceptedByAll(cluster, '/maas-api/v1/tokens', identity);
  const waits: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const by = cluster.at(time);
    const made = await call<CreatedToken>(by, '/maas-api/v1/tokens', { method: 'POST', token: identity });
    if (made.status !== 201) throw new Error(`not made: ${made.text}`);
    const { token, jti } = made.body;
    await acceptedByAll(cluster, '/v1/models', token);
    const asking = cluster.processes.map((each) => lastAccepted(each, token));
    const revoked = await call(by, `/maas-api/v1/tokens/${jti}`, { method: 'DELETE', token: identity });
    const at = performance.now();
    if (revoked.status !== 204) throw new Error(`not revoked: ${revoked.text}`);
    for (const last of await Promise.all(asking)) waits.push(Math.max(0, last - at));
  }
  return waits;
}

// S5: a token is revoked through one of several processes while all of them are asked without a pause.
measure<Size>('S5', async ({ size, record, defer }) => {
  const settings = { CONTROL_REQUESTS_PER_MINUTE: '1000000' };
  const cluster = await startCluster(size.processes, settings);
  const waits = await revoke(cluster, size.revocations);
  await cluster.stop();
  const note = `${size.revocations} revocations, ${size.processes} processes; p50 ${quantile(waits, 0.5).toFixed(1)} ms`;
  record('p99', quantile(waits, 0.99), note);
  record('max', quantile(waits, 1), note);

  const deaf = await startWithoutNotices(process.env['MAAS_TEST_POSTGRES'] ?? '');
  defer(() => deaf.close());
  const unnoticing = await startCluster(size.processes, settings, deaf.url);
  const late = await revoke(unnoticing, size.withoutNotice);
  await unnoticing.stop();
  if (deaf.lost() === 0) throw new Error('no notification was lost');
  const median = quantile(late, 0.5).toFixed(0);
  record(
    'unnoticed',
    quantile(late, 1),
    `${size.withoutNotice} revocations, ${deaf.lost()} notices lost; p50 ${median} ms`,
  );
});
