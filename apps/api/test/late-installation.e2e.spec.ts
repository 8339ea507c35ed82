import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { createTestDatabase } from '@maas/database/test-database';
import { type App, createApp, listen } from '../src/app.js';
import { type Config, readConfig } from '../src/config.js';
import { DatabaseService } from '../src/database/database.service.js';
import { install } from '../src/installation/install.js';
import { startWatchableCluster, type WatchableCluster } from './fake-kubernetes-watch.js';
import { eventually } from './streams.js';

const SOON = 20_000;

let cluster: WatchableCluster;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let dataDir: string;
let config: Config;
let app: App;

jest.setTimeout(120_000);

const client = () => app.nest.get(DatabaseService).client;
const tiers = async () => (await client().tier.findMany({ orderBy: { name: 'asc' } })).map(({ name }) => name);
const follow = (document: string) =>
  cluster.history.apply({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'maas', name: 'tier-to-group-mapping' },
    data: { tiers: document },
  });

beforeEach(async () => {
  cluster = await startWatchableCluster();
  database = await createTestDatabase(process.env['MAAS_TEST_POSTGRES'] ?? '');
  dataDir = mkdtempSync(join(tmpdir(), 'maas-late-'));
  config = readConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'silent',
    MAAS_DATA_DIR: dataDir,
    SIMULATOR_URL: 'http://127.0.0.1:9/v1',
    TIERS_CONFIG_MAP: 'maas/tier-to-group-mapping',
    KUBERNETES_CLUSTER: cluster.kubeconfig,
  });
});
afterEach(async () => {
  await app.close();
  await cluster.close();
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

it('an installation after the ConfigMap was followed brings no tier beside those of the ConfigMap', async () => {
  follow('- {name: gold, level: 15, groups: [gold-users]}\n- {name: free, groups: ["system:authenticated"]}\n');
  // As a process does whose database is there late: it follows the cluster before it has installed.
  app = await listen(await createApp(config, database.url), config);
  await eventually(async () => (await tiers()).length === 2, 'the ConfigMap is followed', SOON);
  await install(app.nest, config, false);
  expect(await tiers()).toEqual(['free', 'gold']);
  const models = await client().model.findMany({ include: { tiers: true }, orderBy: { id: 'asc' } });
  expect(models.map(({ id, tiers: open }) => [id, open.map(({ tierName }) => tierName)])).toEqual([
    ['qwen3', []],
    ['simulator', ['free']],
  ]);
});

it('one before has the tiers of a fresh installation, whatever becomes of the ConfigMap', async () => {
  app = await listen(await createApp(config, database.url), config);
  await install(app.nest, config, false);
  expect(await tiers()).toEqual(['enterprise', 'free', 'premium']);
});
