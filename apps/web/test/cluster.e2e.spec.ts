import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Model } from '@maas/contracts/models';
import type { Tier } from '@maas/contracts/tiers';
import type { Page } from 'playwright-core';
import { startWatchableCluster, type WatchableCluster } from '../../api/test/fake-kubernetes-watch.js';
import { type Harness, startHarness } from '../../api/test/harness.js';
import { llmInferenceService } from '../../api/test/kserve-objects.js';
import { eventually } from '../../api/test/streams.js';
import { type Chromium, inChromium, startChromium, type Tab } from './browser.js';
import { signIn, visit } from './pages.js';

const REF = 'maas/tier-to-group-mapping';

inChromium('what follows the cluster', () => {
  let cluster: WatchableCluster;
  let maas: Harness;
  let chromium: Chromium;
  let tab: Tab;
  let page: Page;

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const tiers = (text: string) =>
    cluster.history.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'maas', name: 'tier-to-group-mapping' },
      data: { tiers: text },
    });

  beforeAll(async () => {
    cluster = await startWatchableCluster();
    tiers('- {name: premium, displayName: Premium, level: 10, groups: [premium-users]}');
    cluster.history.apply(
      llmInferenceService({ name: 'found', url: 'http://127.0.0.1:9', tiers: '["gone"]', ready: false }),
    );
    maas = await startHarness({
      KSERVE_DISCOVERY: 'true',
      TIERS_CONFIG_MAP: REF,
      KUBERNETES_CLUSTER: cluster.kubeconfig,
    });
    const isFollowed = async () =>
      (await maas.admin<Model>('/models/found')).status === 200 &&
      (await maas.admin<Tier>('/tiers/premium')).body.configMap === REF;
    await eventually(isFollowed, 'the cluster is followed');
    chromium = await startChromium();
    tab = await chromium.open(maas.url);
    page = tab.page;
    await signIn(page, 'admin');
  });
  afterAll(async () => {
    await chromium.close();
    await maas.stop();
    await cluster.close();
  });

  it('a model of it is shown as one, and offers nothing that would be refused', async () => {
    await visit(page, '/admin/models');
    await page.getByRole('row', { name: /found Discovered/ }).waitFor();
    await visit(page, '/admin/models?id=found');
    await page.getByText('This model follows the LLMInferenceService llm/found of the cluster.').waitFor();
    await page.getByText('there is no tier named gone').waitFor();
    for (const name of ['Edit model', 'Delete', 'Add backend']) expect(await button(name).count()).toBe(0);
    await page.getByRole('button', { name: /127\.0\.0\.1/ }).click();
    await page.getByRole('menuitem').first().waitFor();
    expect(await page.getByRole('menuitem').count()).toBe(1);
    await visit(page, '/admin/models?id=simulator');
    for (const name of ['Edit model', 'Delete', 'Add backend']) await button(name).first().waitFor();
  });

  it('a tier of it can be changed in its limits alone', async () => {
    await visit(page, '/admin/tiers?tier=premium');
    const sheet = page.getByRole('dialog');
    await sheet.getByText(`Who has this tier is kept in the ConfigMap ${REF}`).waitFor();
    for (const name of ['Name', 'Level', 'Description']) {
      expect(await sheet.getByLabel(name).first().isDisabled()).toBe(true);
    }
    expect(await sheet.getByRole('textbox', { name: 'Requests per minute', exact: true }).isDisabled()).toBe(false);
    expect(await sheet.getByRole('button', { name: 'Delete', exact: true }).count()).toBe(0);
  });

  it('the health page says what is watched, and what cannot be followed', async () => {
    tiers('- {name: premium, level: high}');
    await visit(page, '/admin/health');
    await page.getByText(/LLMInferenceServices of all namespaces: watched/).waitFor();
    await page.getByText('there is no tier named gone').first().waitFor();
    await page
      .getByText(/it is refused, and what was good last stays in service/)
      .first()
      .waitFor();
  });
});
