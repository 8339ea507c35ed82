import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type FakeKubernetes, startFakeKubernetes } from '../../api/test/fake-kubernetes.js';
import { type Harness, startHarness } from '../../api/test/harness.js';
import { type Chromium, inChromium, startChromium } from './browser.js';
import { signIn } from './pages.js';

inChromium('a person whose tokens the cluster issues', () => {
  let kubernetes: FakeKubernetes;
  let maas: Harness;
  let chromium: Chromium;

  beforeAll(async () => {
    kubernetes = await startFakeKubernetes();
    kubernetes.answerByCluster();
    maas = await startHarness({ KUBERNETES_AUTH: kubernetes.kubeconfig, TOKEN_ISSUER: 'serviceaccount' });
    kubernetes.cluster.now = () => maas.clock.now();
    chromium = await startChromium();
  });
  afterAll(async () => {
    await chromium.close();
    await maas.stop();
    await kubernetes.close();
  });

  it('is told so before they create one, and what goes besides before they revoke all', async () => {
    const { page, troubles } = await chromium.open(maas.url);
    await signIn(page, 'premium', '/tokens');
    await page.getByRole('button', { name: 'Create token' }).first().click();
    await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('of the cluster');
    expect(await page.getByRole('dialog').innerText()).toContain('may grant it another lifetime');
    await page.getByRole('dialog').getByRole('button', { name: 'Create token' }).click();
    const secret = await page.getByLabel('Token', { exact: true }).inputValue();
    await page.getByRole('button', { name: 'I saved it' }).click();
    expect((await maas.call('/v1/models', { token: secret })).status).toBe(200);

    await page.getByRole('button', { name: 'Revoke all' }).click();
    const confirm = page.getByRole('alertdialog');
    await confirm.getByText('the ServiceAccounts that they belong to are deleted as well').waitFor();
    await confirm.getByRole('textbox').fill('revoke');
    await confirm.getByRole('button', { name: 'Revoke all' }).click();
    await page.getByRole('row', { name: /of the cluster/ }).getByText('Revoked').waitFor(); // prettier-ignore
    expect((await maas.call('/v1/models', { token: secret })).status).toBe(401);
    expect(troubles).toEqual([]);
  });
});
