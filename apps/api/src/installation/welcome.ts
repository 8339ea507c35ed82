import type { Installed } from './install.js';

/** What to paste next, for whoever started the process. Printed, never logged: it may hold a password. */
export function welcome(
  url: string,
  { demoPassword, setupSecret }: Installed,
  demo: boolean,
  hasDocs: boolean,
): string {
  const lines = [`MaaS is ready on ${url}`];
  if (hasDocs) lines.push(`API reference: ${url}/docs`);
  if (setupSecret !== undefined) {
    lines.push('', 'There is no administrator yet. Create one within an hour, with this link that works once:', '');
    lines.push(`  ${url}/setup#${setupSecret}`);
  }
  if (demo) lines.push('', ...demoLines(url, demoPassword));
  return `\n${lines.join('\n')}\n\n`;
}

/** What is said where the database is away at the start. */
export function waiting(url: string): string {
  return `\nMaaS listens on ${url}\nIts database cannot be reached yet and is tried again; ${url}/readyz says how it stands\n\n`;
}

function demoLines(url: string, password: string | undefined): string[] {
  const known =
    password === undefined
      ? [
          'Accounts: free, premium, enterprise, admin. Their password was printed at the first start; to set another one,',
          'start with MAAS_DEMO_PASSWORD=…',
        ]
      : [`Accounts: free, premium, enterprise, admin. Password of each: ${password}`];
  // A certificate of one's own is not known to curl.
  const curl = url.startsWith('https') ? 'curl -sk' : 'curl -s';
  const token = `sed 's/.*"token":"\\([^"]*\\)".*/\\1/'`;
  return [
    ...known,
    `Sign in to the dashboard with one of them: ${url}/sign-in`,
    'A month of 60 people to look at there: npm run demo-data',
    '',
    'Paste this to get your first streamed answer:',
    '',
    `  MAAS=${url}`,
    ...(password === undefined ? ["  PASSWORD='the password of the accounts'"] : []),
    `  OC_TOKEN=$(${curl} $MAAS/maas-api/v1/login -d ${signInBody(password)} | ${token})`,
    `  ACCESS_TOKEN=$(${curl} -X POST -H "Authorization: Bearer $OC_TOKEN" -d '{"expiration":"1h"}' $MAAS/maas-api/v1/tokens | ${token})`,
    `  ${curl}N -i -H "Authorization: Bearer $ACCESS_TOKEN" $MAAS/v1/chat/completions \\`,
    `    -d '{"model":"simulator","messages":[{"role":"user","content":"Hello, how are you?"}],"stream":true}'`,
  ];
}

/** The body of a sign-in, quoted for a shell; the variable stays outside of the single quotes, which would keep it as it is. */
function signInBody(password: string | undefined): string {
  if (password === undefined) return `'{"username":"free","password":"'"$PASSWORD"'"}'`;
  return `'${JSON.stringify({ username: 'free', password }).replaceAll("'", `'\\''`)}'`;
}
