import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuditEntry, User } from '@maas/contracts/auth';
import type { Model } from '@maas/contracts/models';
import type { UsageReport } from '@maas/contracts/usage';
import { ChangeFeedService } from '../src/database/change-feed.service.js';
import { DatabaseService } from '../src/database/database.service.js';
import { type Harness, PASSWORD, startHarness } from './harness.js';

interface Page<Row> {
  data: Row[];
}

const script = fileURLToPath(new URL('../../../scripts/demo-data.mjs', import.meta.url));
let maas: Harness;

beforeAll(async () => {
  maas = await startHarness();
});
afterAll(() => maas.stop());

/** Runs the script as `npm run demo-data` does. */
async function demoData(...args: string[]): Promise<{ code: number; output: string }> {
  const env = { PATH: '', DATABASE_URL: maas.databaseUrl };
  const run = promisify(execFile)(process.execPath, [script, '--users=12', '--days=9', ...args], { env });
  const { code, output } = await run.then(
    ({ stdout }) => ({ code: 0, output: stdout }),
    (error: { code: number; stderr: string }) => ({ code: error.code, output: error.stderr }),
  );
  await maas.nest.get(ChangeFeedService).catchUp();
  return { code, output };
}
const client = () => maas.nest.get(DatabaseService).client;
async function counts() {
  const { user, issuedToken, model, backend, usageEvent, usageHourly, auditEntry } = client();
  return {
    user: await user.count(),
    issuedToken: await issuedToken.count(),
    model: await model.count(),
    backend: await backend.count(),
    usageEvent: await usageEvent.count(),
    usageHourly: await usageHourly.count(),
    auditEntry: await auditEntry.count(),
  };
}

describe('the demo data', () => {
  it('is a company that the whole administration shows', async () => {
    expect(await demoData()).toMatchObject({ code: 0, output: expect.stringContaining('Made 12 users, 6 models') });
    const users = await maas.admin<Page<User>>('/users?limit=100');
    expect(users.body.data).toHaveLength(16);
    const models = await maas.admin<Page<Model>>('/models');
    expect(models.body.data.filter(({ ready }) => ready)).toHaveLength(8);
    const audit = await maas.admin<Page<AuditEntry>>('/audit?action=model.create&limit=100');
    expect(audit.body.data.length).toBeGreaterThan(2);
    for (const username of ['free', 'premium', 'admin']) {
      const token = await maas.login(username);
      const { body } = await maas.call<UsageReport>('/maas-api/v1/usage', { token });
      expect([username, body.data.length > 2]).toEqual([username, true]);
    }
  });

  it('has sums that are those of its rows', async () => {
    const [differing] = await client().$queryRaw<{ count: bigint }[]>`
      SELECT count(*) FROM (
        SELECT date_trunc('hour', created_at, 'UTC') AS hour, user_id, token_jti, model_id, tier, count(*) AS requests,
          count(*) FILTER (WHERE status >= 400) AS errors, sum(prompt_tokens) AS prompt, sum(completion_tokens) AS completion
        FROM usage_event GROUP BY 1, 2, 3, 4, 5
      ) AS rows FULL JOIN usage_hourly AS sums USING (hour, user_id, token_jti, model_id, tier)
      WHERE (coalesce(rows.requests, 0), coalesce(rows.errors, 0), coalesce(rows.prompt, 0), coalesce(rows.completion, 0))
        IS DISTINCT FROM (sums.requests, sums.errors, sums.prompt_tokens, sums.completion_tokens)`;
    expect(differing?.count).toBe(0n);
    expect(await client().usageHourly.count({ where: { refused: { gt: 0 } } })).toBeGreaterThan(0);
  });

  it('is made anew, not twice, by a second run', async () => {
    const before = await counts();
    expect((await demoData()).code).toBe(0);
    const after = await counts();
    expect([after.user, after.model, after.issuedToken]).toEqual([before.user, before.model, before.issuedToken]);
  });

  it('goes away whole, and nothing else with it', async () => {
    const { code, output } = await demoData('--remove');
    expect([code, output]).toEqual([0, expect.stringContaining('Removed')]);
    const left = await counts();
    expect(left).toMatchObject({ user: 4, issuedToken: 0, model: 2, backend: 2, usageEvent: 0, usageHourly: 0 });
    // Those of the installation are still there, and the log is append-only again.
    expect(left.auditEntry).toBeGreaterThan(0);
    await expect(client().auditEntry.deleteMany()).rejects.toThrow('append-only');
    expect((await maas.admin<Page<Model>>('/models')).body.data.map(({ id }) => id)).toEqual(['qwen3', 'simulator']);
  });

  it('is not put among real people, unless that is wanted', async () => {
    await maas.admin('/users', { body: { username: 'real', password: PASSWORD } });
    expect(await demoData()).toMatchObject({ code: 1, output: expect.stringMatching(/Real people.*real.*--force/s) });
    expect((await counts()).usageEvent).toBe(0);
    expect((await demoData('--force')).code).toBe(0);
    expect((await demoData('--remove')).code).toBe(0);
    expect((await counts()).user).toBe(5);
  });
});
