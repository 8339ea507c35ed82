import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { freePorts } from '../../api/test/free-ports.js';
import { type Harness, startHarness } from '../../api/test/harness.js';
import { CLIENT_ID, CLIENT_SECRET, type OidcIssuer, startOidcIssuer } from '../../api/test/oidc-issuer.js';
import { type Chromium, inChromium, startChromium, type Tab } from './browser.js';
import { settled } from './pages.js';

inChromium('signing in with the company account', () => {
  let issuer: OidcIssuer;
  let maas: Harness;
  let chromium: Chromium;
  let url: string;

  beforeAll(async () => {
    const [port = 0] = await freePorts(1);
    url = `http://localhost:${port}`;
    issuer = await startOidcIssuer(`${url}/auth/oidc/callback`);
    issuer.accounts.set('u-ana', { preferred_username: 'ana', email: 'ana@example.com', groups: ['premium-users'] });
    maas = await startHarness({
      PORT: String(port),
      PUBLIC_URL: url,
      OIDC_ISSUER: issuer.issuer,
      OIDC_CLIENT_ID: CLIENT_ID,
      OIDC_CLIENT_SECRET: CLIENT_SECRET,
      OIDC_LABEL: 'Company account',
    });
    chromium = await startChromium();
  });
  afterAll(async () => {
    await chromium.close();
    await maas.stop();
    await issuer.stop();
  });

  /** A tab in which the provider's own page takes whoever comes for this person; empty: they cancel. */
  async function tabOf(subject: string): Promise<Tab> {
    issuer.visitor = subject;
    return chromium.open(url);
  }

  it('leads to the page that was asked for, with the tier of the groups, and out again', async () => {
    const { page, troubles } = await tabOf('u-ana');
    await page.goto('/tokens');
    await page.waitForURL(/\/sign-in\?returnTo=%2Ftokens/);
    await page.getByRole('link', { name: /Company account/ }).click();
    await page.waitForURL(`${url}/tokens`);
    await settled(page);
    await page.getByText('Premium', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: /^Account ana/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.waitForURL((at) => at.pathname === '/sign-in' || at.origin === issuer.issuer);
    await page.goto('/tokens');
    await page.waitForURL(/\/sign-in/);
    expect(troubles).toEqual([]);
  });

  it('that is refused by the provider comes back with a sentence that says so', async () => {
    const { page } = await tabOf('');
    await page.goto('/sign-in');
    await page.getByRole('link', { name: /Company account/ }).click();
    await page.waitForURL(/error=access_denied/);
    await page.getByText('The identity provider did not let you in').waitFor();
  });

  it('of somebody without a tier names the groups that were seen', async () => {
    issuer.accounts.set('u-eve', { preferred_username: 'eve', groups: ['visitors'] });
    await maas.admin('/tiers/free', { method: 'PATCH', body: { groups: ['nobody-at-all'] } });
    const { page } = await tabOf('u-eve');
    await page.goto('/auth/oidc/start');
    await page.waitForURL(`${url}/`);
    await page.getByText('You have no tier yet').waitFor();
    await page.getByText('visitors').first().waitFor();
  });
});
