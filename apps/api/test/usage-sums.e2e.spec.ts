import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { UsageReport } from '@maas/contracts/usage';
import { DatabaseService } from '../src/database/database.service.js';
import { UsageDays } from '../src/usage/usage-days.service.js';
import { type Harness, startHarness } from './harness.js';

const DAY = 86_400_000;
let maas: Harness;
/** Midnight of today. */
let today: number;

const client = () => maas.nest.get(DatabaseService).client;
const sumUp = () => maas.nest.get(UsageDays).sumDue();
const instant = (day: number) => new Date(today + day * DAY);

const reports = [
  'groupBy=day',
  'groupBy=day,model,user',
  'groupBy=tier',
  'groupBy=model&model=model-1',
  'groupBy=user&orderBy=requests&limit=3',
  'groupBy=user,model',
  'groupBy=user&tier=free',
];

/** What the reports of the last days are, each by itself. */
async function read(days: number): Promise<UsageReport['data'][]> {
  const answers = await Promise.all(
    reports.map((query) => maas.admin<UsageReport>(`/usage?from=${instant(-days).toISOString()}&${query}`)),
  );
  return answers.map(({ body }) => body.data);
}

/** Adds what somebody used in the first hour of a day. */
async function use(day: number, user: string, requests: number): Promise<void> {
  await client().$executeRaw`
    INSERT INTO usage_hourly (hour, user_id, token_jti, model_id, tier, requests, prompt_tokens, first_byte_count)
    VALUES (${instant(day)}, ${user}::uuid, ${user}::uuid, 'model-1', 'free', ${requests}, ${3 * requests}, 0)
    ON CONFLICT (user_id, hour, model_id, tier, token_jti) DO UPDATE SET requests = usage_hourly.requests + EXCLUDED.requests`;
}

const nobody = '00000000-0000-4000-8000-00000000000a';

beforeAll(async () => {
  maas = await startHarness();
  today = Math.floor(maas.clock.now() / DAY) * DAY;
  // Two people, three models, some months.
  await client().$executeRaw`
    INSERT INTO usage_hourly (hour, user_id, token_jti, model_id, tier, requests, errors, refused, prompt_tokens,
      completion_tokens, duration_ms, first_byte_ms, first_byte_count)
    SELECT ${instant(-110)}::timestamptz + n * interval '5 hours',
      ('00000000-0000-4000-8000-00000000000' || n % 2)::uuid, ('00000000-0000-4000-8000-00000000000' || n % 2)::uuid,
      'model-' || n % 3, (ARRAY['free', 'premium'])[1 + n % 2], n % 7, n % 3, n % 2, n, 2 * n, 10 * n, n, n % 5
    FROM generate_series(1, 110 * 24 / 5) AS n`;
});
afterAll(() => maas.stop());

describe('the sums of days and months', () => {
  it('change no report, wherever it begins', async () => {
    const [half, quarter] = [await read(105.5), await read(80)];
    await sumUp();
    const [days, months] = [await client().usageSummedDay.count(), await client().usageSummedMonth.count()];
    expect(days).toBeGreaterThan(105);
    expect([2, 3]).toContain(months);
    expect(await client().usageMonthly.count()).toBe(months * 6);
    expect(await client().usageDailyTotal.count()).toBeGreaterThan(days);
    expect(await read(105.5)).toEqual(half);
    expect(await read(80)).toEqual(quarter);
    expect(half.every((rows) => rows.length > 0)).toBe(true);
  });

  it('are what reports are read from', async () => {
    const add = async (requests: number) => {
      await client().$executeRaw`UPDATE usage_monthly SET requests = requests + ${requests} WHERE model_id = 'model-1'`;
      await client()
        .$executeRaw`UPDATE usage_daily_total SET requests = requests + ${requests} WHERE model_id = 'model-1'`;
    };
    await add(1_000_000);
    const [byDay, , , , byUser] = await read(105);
    expect(byDay?.some(({ requests }) => requests > 1_000_000)).toBe(true);
    expect(byUser?.[0]?.requests).toBeGreaterThan(1_000_000);
    await add(-1_000_000);
  });

  it('are not used where hours were changed afterwards, until day and month are summed again', async () => {
    await sumUp();
    const [days, months] = [await client().usageSummedDay.count(), await client().usageSummedMonth.count()];
    await use(-70, nobody, 5000);
    expect([await client().usageSummedDay.count(), await client().usageSummedMonth.count()]).toEqual([
      days - 1,
      months - 1,
    ]);
    const changed = await read(105);
    expect(changed[4]?.[0]).toMatchObject({ user: nobody, requests: 5000 });
    await sumUp();
    expect([await client().usageSummedDay.count(), await client().usageSummedMonth.count()]).toEqual([days, months]);
    expect(await read(105)).toEqual(changed);
  });

  it('of a month are not made beside somebody who changes an hour of it', async () => {
    await sumUp();
    const months = await client().usageSummedMonth.count();
    await client().$transaction(async (transaction) => {
      await client().usageSummedMonth.deleteMany();
      // A late row whose day is taken away, and not committed yet.
      await transaction.$executeRaw`
        UPDATE usage_hourly SET requests = requests + 7000 WHERE hour = ${instant(-70)} AND user_id = ${nobody}::uuid`;
      await sumUp();
      expect(await client().usageSummedMonth.count()).toBe(months - 1);
    });
    expect((await read(105))[4]?.[0]).toMatchObject({ user: nobody, requests: 12_000 });
    await sumUp();
    expect(await client().usageSummedMonth.count()).toBe(months);
    expect((await read(105))[4]?.[0]).toMatchObject({ user: nobody, requests: 12_000 });
  });

  it('of days that an earlier version summed are completed, and not missed until then', async () => {
    await sumUp();
    const before = await read(105);
    const some = { day: { gte: instant(-30) } };
    await client().usageDailyTotal.deleteMany({ where: some });
    await client().usageSummedDay.updateMany({ where: some, data: { hasTotal: false } });
    expect(await read(105)).toEqual(before);
    await sumUp();
    expect(await client().usageSummedDay.count({ where: { hasTotal: false } })).toBe(0);
    expect(await read(105)).toEqual(before);
  });

  it('are made of nothing that is still going on', async () => {
    await use(0, nobody, 1);
    await sumUp();
    expect(await client().usageSummedDay.count({ where: { day: { gte: instant(0) } } })).toBe(0);
    const thisMonth = new Date(`${instant(0).toISOString().slice(0, 7)}-01`);
    expect(await client().usageSummedMonth.count({ where: { month: { gte: thisMonth } } })).toBe(0);
  });
});
