import type { Installed } from './install.js';

/** What to paste next, for whoever started the process. Printed, never logged: it may hold a password. */
export function welcome(url: string, { demoPassword, setupSecret }: Installed, demo: boolean): string {
  const lines = [`MaaS is ready on ${url}`, `API reference: ${url}/docs`];
  if (setupSecret !== undefined) {
    lines.push('', 'There is no administrator yet. Create one within an hour, with this link that works once:', '');
    lines.push(`  ${url}/setup/#${setupSecret}`);
  }
  if (demo) lines.push('', ...demoLines(url, demoPassword));
  return `\n${lines.join('\n')}\n\n`;
}

function demoLines(url: string, password: string | undefined): string[] {
  const shown = password ?? '$MAAS_DEMO_PASSWORD';
  const known =
    password === undefined
      ? 'Accounts: free, premium, enterprise, admin. Their password was printed at the first start; to set another one,\nstart with MAAS_DEMO_PASSWORD=…'
      : `Accounts: free, premium, enterprise, admin. Password of each: ${password}`;
  const insecure = url.startsWith('https') ? ' -k' : '';
  return [
    ...known.split('\n'),
    '',
    'Paste this to get your first streamed answer:',
    '',
    `  MAAS=${url}`,
    `  OC_TOKEN=$(curl -s${insecure.trim() && 'k'} $MAAS/maas-api/v1/login -d '{"username":"free","password":"${shown}"}' | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')`,
    `  ACCESS_TOKEN=$(curl -s${insecure.trim() && 'k'} -X POST -H "Authorization: Bearer $OC_TOKEN" -d '{"expiration":"1h"}' $MAAS/maas-api/v1/tokens | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')`,
    `  curl -s${insecure.trim() && 'k'}N -i -H "Authorization: Bearer $ACCESS_TOKEN" $MAAS/v1/chat/completions \\`,
    `    -d '{"model":"simulator","messages":[{"role":"user","content":"Hello, how are you?"}],"stream":true}'`,
  ];
}
