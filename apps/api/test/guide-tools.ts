import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const fixtures = join(import.meta.dirname, 'fixtures');

/** A certificate for `maas.localhost` and the loopback addresses, for tests only. */
export const testServer = {
  certificate: join(fixtures, 'test-server.cert.pem'),
  key: join(fixtures, 'test-server.key.pem'),
};

/** `oc login` does nothing; `oc whoami -t` prints an identity token, as the cluster's own would. */
const oc = `#!/usr/bin/env bash
case "$*" in
  login*) ;;
  'whoami -t')
    jq -n '{username: env.MAAS_USERNAME, password: env.MAAS_PASSWORD}' |
      curl -sS -d @- "https://maas.$TEST_CLUSTER_DOMAIN/maas-api/v1/login" | jq -r .token ;;
  *) echo "oc: not part of the guide: $*" >&2; exit 64 ;;
esac
`;

const kubectl = `#!/usr/bin/env bash
if [ "$*" != 'get ingresses.config.openshift.io cluster -o jsonpath={.spec.domain}' ]; then
  echo "kubectl: not part of the guide: $*" >&2
  exit 64
fi
printf '%s' "$TEST_CLUSTER_DOMAIN"
`;

/** The guide takes these for granted, so a machine without them cannot tell whether the guide works. */
export function requireTools(): void {
  const missing = ['bash', 'curl', 'jq'].filter((tool) => spawnSync(tool, ['--version']).status !== 0);
  if (missing.length === 0) return;
  throw new Error(
    `The user guide's commands need ${missing.join(' and ')}: install with \`apt-get install -y ${missing.join(' ')}\`` +
      ` or \`brew install ${missing.join(' ')}\``,
  );
}

/**
 * The environment of somebody who follows the guide: logged in to a cluster of this domain, and nothing of the settings of
 * whoever runs the tests.
 * @param port where the platform serves HTTPS on the loopback address
 */
export function guideEnvironment(port: number, username: string, password: string): Record<string, string> {
  const home = mkdtempSync(join(tmpdir(), 'maas-guide-'));
  writeFileSync(join(home, 'oc'), oc, { mode: 0o755 });
  writeFileSync(join(home, 'kubectl'), kubectl, { mode: 0o755 });
  // curl before 7.85 asks the system's resolver for names below localhost, which may not know them.
  writeFileSync(join(home, '.curlrc'), `resolve = "maas.localhost:${port}:127.0.0.1"\nnoproxy = "*"\n`);
  return {
    PATH: `${home}${delimiter}${process.env['PATH'] ?? ''}`,
    HOME: home,
    CURL_HOME: home,
    CURL_CA_BUNDLE: testServer.certificate,
    TEST_CLUSTER_DOMAIN: `localhost:${port}`,
    MAAS_USERNAME: username,
    MAAS_PASSWORD: password,
  };
}
