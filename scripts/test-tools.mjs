// What the tests need and npm does not have: programs of the system. On Debian as root they are installed, and Helm, which
// Debian does not have, is built where Go is; elsewhere the suites that need one are left out, and `npm test` says so.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Each with the names it goes by, Debian's package, and the variable by which the suites find it. */
const tools = [
  { variable: 'MAAS_TEST_CHROMIUM', names: ['chromium', 'google-chrome', 'chromium-browser'], debian: 'chromium' },
  { variable: 'MAAS_TEST_REDIS', names: ['redis-server', 'valkey-server'], debian: 'redis-server' },
  { variable: 'MAAS_TEST_HAPROXY', names: ['haproxy'], debian: 'haproxy' },
];

const helmProgram = { module: 'helm.sh/helm/v3/cmd/helm', version: 'v3.22.0' };

/**
 * Finds the tools, and installs those that are missing where that can be done without asking.
 * @param {string[]} more names of programs, which Debian's packages have too, that are needed besides
 * @returns {{ environment: Record<string, string>, missing: string[] }} the variables for the suites; what is not there
 */
export function provideTools(more = []) {
  const wanted = [...tools, ...more.map((name) => ({ variable: undefined, names: [name], debian: name }))];
  let absent = wanted.filter(({ names }) => !find(names));
  if (absent.length > 0 && process.getuid?.() === 0 && find(['apt-get'])) {
    console.error(`Installing what the tests need: ${absent.map(({ debian }) => debian).join(', ')} …`);
    install(absent.map(({ debian }) => debian));
    absent = wanted.filter(({ names }) => !find(names));
  }
  const found = tools.flatMap(({ variable, names }) => {
    const path = find(names);
    return path ? [[variable, path]] : [];
  });
  return { environment: Object.fromEntries(found), missing: absent.map(({ debian }) => debian) };
}

/**
 * Finds the programs that render what is in deploy/.
 * @param {boolean} mayBuild whether Helm may be built, once on a machine, which takes some minutes
 * @returns {{ environment: Record<string, string>, missing: string[] }} as of `provideTools`
 */
export function provideRenderers(mayBuild) {
  const helm = find(['helm']) ?? builtHelm(mayBuild);
  return {
    environment: helm ? { MAAS_TEST_HELM: helm } : {},
    missing: [helm ? [] : 'helm', find(['kubectl']) ? [] : 'kubectl'].flat(),
  };
}

/** @param {boolean} mayBuild @returns undefined: it is not there, and there is no Go, or it could not be built */
function builtHelm(mayBuild) {
  const go = find(['go']);
  const folder = join(
    process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
    `maas-test-tools/helm-${helmProgram.version}`,
  );
  const path = join(folder, 'helm');
  if (go && mayBuild && !isExecutable(path)) {
    console.error(`Building Helm ${helmProgram.version} for the tests of the chart: this takes some minutes, once …`);
    spawnSync(go, ['install', '-trimpath', '-ldflags=-s -w', `${helmProgram.module}@${helmProgram.version}`], {
      env: { ...process.env, GOBIN: folder, GOFLAGS: '' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  return isExecutable(path) ? path : undefined;
}

/** @param {string[]} packages */
function install(packages) {
  // A package that starts its service would take a port of the machine.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const options = { env, stdio: /** @type {const} */ (['ignore', 'ignore', 'inherit']) };
  spawnSync('apt-get', ['update', '-qq'], options);
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options);
}

/** @param {string[]} names */
function find(names) {
  // Debian keeps servers where the PATH of a user does not look.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];
  for (const name of names)
    for (const folder of folders) {
      const path = join(folder, name);
      if (isExecutable(path)) return path;
    }
  return undefined;
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
