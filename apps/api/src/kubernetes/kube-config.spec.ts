import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { chosenCluster } from './kube-config.js';

const folder = mkdtempSync(join(tmpdir(), 'maas-kubeconfig-'));
afterAll(() => rmSync(folder, { recursive: true }));

const choose = (text: string) => {
  const path = join(folder, 'config');
  writeFileSync(path, text);
  return chosenCluster(path, 'KUBERNETES_CLUSTER');
};
const cluster = (server: string) =>
  JSON.stringify({
    clusters: [{ name: 'one', cluster: { server } }],
    users: [{ name: 'one', user: { token: 'secret-51d0' } }],
    contexts: [{ name: 'one', context: { cluster: 'one', user: 'one' } }],
    'current-context': 'one',
  });

describe('a kubeconfig', () => {
  it('names the cluster of its current context', async () => {
    expect((await choose(cluster('https://cluster.example.com:6443'))).server).toBe('https://cluster.example.com:6443');
  });

  it('that is not there is said to be so', async () => {
    await expect(chosenCluster(join(folder, 'none'), 'KUBERNETES_AUTH')).rejects.toThrow(
      'KUBERNETES_AUTH names a kubeconfig that cannot be used: ENOENT',
    );
  });

  it.each([
    ['is no YAML', 'token: [secret-51d0', 'names a kubeconfig that cannot be used: it is not valid'],
    ['has no context', cluster('https://x').replace('current-context', 'former-context'), 'names no cluster'],
    ['has no address', cluster('nowhere'), 'names no cluster'],
  ])('that %s is said to be so, without its credential', async (_what, text, expected) => {
    const problem = await choose(text).catch((error: unknown) => String(error));
    expect(problem).toContain(`KUBERNETES_CLUSTER ${expected}`);
    expect(problem).not.toContain('51d0');
  });
});
