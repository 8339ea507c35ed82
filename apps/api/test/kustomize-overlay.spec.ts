import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  deployFolder,
  type Manifest,
  podOf,
  type PodSpec,
  readManifests,
  render,
  settingsIn,
  specOf,
  tryToRender,
} from './manifest-files.js';
import { problemsOf } from './manifest-schemas.js';

// A machine without kubectl has nothing to render with; `npm test` says so.
const withKubectl = tryToRender('kubectl', 'version', '--client') === undefined ? describe.skip : describe;

const guide = readFileSync(join(deployFolder, '../docs/operate.md'), 'utf8');
/** The kustomizations that the operator's guide gives, by the path that the first line of each has. */
const examples = new Map(
  [...guide.matchAll(/^ *```yaml\n# (my-\S+kustomization\.yaml)[^\n]*\n([\s\S]*?)^ *```/gm)].map(
    ([, path = '', text = '']) => [path, text] as const,
  ),
);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'maas-overlay-'));
  // Beside `deploy`, as in the guide. Kustomize follows links of folders.
  symlinkSync(deployFolder, join(folder, 'deploy'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a kustomization of one's own renders, with further ones below it. */
function renderOverlay(name: string, files: Readonly<Record<string, string>>): Manifest[] {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name, path)), { recursive: true });
    writeFileSync(join(folder, name, path), text);
  }
  return readManifests(render('kubectl', 'kustomize', join(folder, name)) ?? '');
}

const example = (path: string) => examples.get(path) ?? `the guide has no ${path}`;

/** Every namespace that objects are in or speak of, and what they are. */
function namespacesIn(objects: readonly Manifest[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const say = (namespace: string, where: string) =>
    found.set(namespace, (found.get(namespace) ?? new Set()).add(where));
  for (const { kind, metadata, ...rest } of objects) {
    if (metadata.namespace !== undefined) say(metadata.namespace, kind);
    JSON.stringify(rest, (key, value: unknown) => {
      if (key === 'namespace' && typeof value === 'string') say(value, `in ${kind}`);
      return value;
    });
  }
  return found;
}

const clusterWide = new Set(['ClusterRole', 'ClusterRoleBinding', 'Namespace']);

withKubectl('a namespace of one’s own', () => {
  it.each(['kubernetes', 'openshift', 'cluster-models'])(
    'over %s is followed by every object and binding',
    (overlay) => {
      const text = `namespace: elsewhere\nresources: [../deploy/kustomize/overlays/${overlay}]\n`;
      const objects = renderOverlay(`over-${overlay}`, { 'kustomization.yaml': text });
      const namespaces = namespacesIn(objects);
      // The Gateway of the HTTPRoute is where it is.
      namespaces.delete('gateways');
      expect([...namespaces.keys()]).toEqual(['elsewhere']);
      expect(namespaces.get('elsewhere')).toContain('in ClusterRoleBinding');
      expect(
        objects.filter(({ kind, metadata }) => !clusterWide.has(kind) && metadata.namespace !== 'elsewhere'),
      ).toEqual([]);
      // Nor is it in a name of DNS, in a setting, or in what the monitoring asks for.
      expect(JSON.stringify(objects)).not.toMatch(/[./]maas\.svc|maas\/tier|namespace=\\"maas/);
    },
  );

  it('with tokens of the cluster, as the guide has it, leaves the namespaces of tiers where they are', () => {
    const objects = renderOverlay('tokens', {
      'kustomization.yaml': example('my-models/kustomization.yaml'),
      'platform/kustomization.yaml': example('my-models/platform/kustomization.yaml'),
    });
    const namespaces = namespacesIn(objects);
    expect([...namespaces.keys()].sort()).toEqual([
      'gateways',
      'maas-tier-enterprise',
      'maas-tier-free',
      'maas-tier-premium',
      'models',
    ]);
    for (const tier of ['free', 'premium', 'enterprise']) {
      expect(namespaces.get(`maas-tier-${tier}`)).toEqual(new Set(['RoleBinding']));
    }
    expect(namespaces.get('models')).toContain('in RoleBinding');
    expect(objects.filter(({ kind }) => kind === 'Namespace')).toHaveLength(3);
  });

  it('over what has namespaces of tiers is refused, rather than theirs be changed', () => {
    const text = 'namespace: elsewhere\nresources: [../deploy/kustomize/overlays/cluster-tokens]\n';
    expect(() => renderOverlay('wrong', { 'kustomization.yaml': text })).toThrow(/ID conflict/);
  });
});

withKubectl('the overlay of the guide', () => {
  let objects: Manifest[];
  const named = (kind: string, name: string) =>
    objects.find((each) => each.kind === kind && each.metadata.name === name);
  beforeAll(() => {
    objects = renderOverlay('guide', { 'kustomization.yaml': example('my-overlay/kustomization.yaml') });
  });

  it('is fit for a cluster', async () => expect(await problemsOf(objects)).toEqual([]));

  it('has one’s own image, name, Gateway, and settings beside those that there are', () => {
    const images = objects.flatMap(({ spec }) => {
      const template = (spec as { template?: { spec?: PodSpec } } | undefined)?.template;
      return template?.spec?.containers.map(({ image }) => image) ?? [];
    });
    expect(images).toEqual(Array.from({ length: 3 }, () => 'registry.example.com/maas-api:0.1.0'));
    expect(named('HTTPRoute', 'maas')?.spec).toMatchObject({ hostnames: ['models.example.org'] });
    expect(settingsIn(objects)).toMatchObject({
      PUBLIC_URL: 'https://models.example.org',
      TRUST_PROXY: '10.128.0.0/14',
      DRAIN_TIMEOUT: '120s',
    });
  });

  it('has labels for the Prometheus operator, another port of the database, and a secret setting', () => {
    for (const kind of ['ServiceMonitor', 'PrometheusRule']) {
      expect(named(kind, 'maas')?.metadata).toHaveProperty('labels.release', 'kube-prometheus-stack');
    }
    const { egress } = specOf<{ egress: { ports: { port: number }[] }[] }>(named('NetworkPolicy', 'maas-migrate'));
    expect(egress.at(-1)?.ports).toEqual([{ port: 6432 }]);
    for (const name of ['maas-gateway', 'maas-api']) {
      const { containers } = podOf(named('Deployment', name));
      expect(containers[0]?.env?.map((each) => each.name)).toContain('OIDC_CLIENT_SECRET');
    }
  });

  it('gives the migration an authority of one’s own by the settings of the other pods', () => {
    const { env = [] } = podOf(named('Job', 'maas-migrate')).containers[0] ?? {};
    const config = objects.find(({ kind }) => kind === 'ConfigMap')?.metadata.name;
    expect(env).toContainEqual({
      name: 'NODE_EXTRA_CA_CERTS',
      valueFrom: { configMapKeyRef: { name: config, key: 'NODE_EXTRA_CA_CERTS', optional: true } },
    });
  });

  it('makes new pods of changed settings', () => {
    const config = (list: readonly Manifest[]) => list.find(({ kind }) => kind === 'ConfigMap')?.metadata.name ?? '';
    const text = example('my-overlay/kustomization.yaml').replace('10.128.0.0/14', '10.0.0.0/8');
    const changed = renderOverlay('changed', { 'kustomization.yaml': text });
    expect(config(changed)).not.toBe(config(objects));
    const deployment = changed.find(({ kind }) => kind === 'Deployment');
    expect(JSON.stringify(deployment)).toContain(`{"configMapRef":{"name":"${config(changed)}"}}`);
  });

  it('takes the dashboards along', () => {
    const text = 'resources: [../deploy/kustomize/overlays/openshift]\ncomponents: [../deploy/observability]\n';
    const made = renderOverlay('dashboards', { 'kustomization.yaml': text });
    const config = made.find(({ metadata }) => metadata.name === 'maas-dashboards') as (Manifest & { data: object }) | undefined; // prettier-ignore
    expect(config?.metadata).toHaveProperty('labels.grafana_dashboard', '1');
    expect(Object.keys(config?.data ?? {})).toEqual(['maas-operations-dashboard.json', 'maas-usage-dashboard.json']);
  });
});

withKubectl('gateways that ask the cluster', () => {
  it('have the right to ask whose token it is, with reviews of access alone', () => {
    const components = ['cluster-questions', 'access-reviews'].map((name) => `../deploy/kustomize/components/${name}`);
    const text = `resources: [../deploy/kustomize/overlays/kubernetes]\ncomponents: [${components.join()}]\n`;
    const made = renderOverlay('reviews', { 'kustomization.yaml': text });
    const binding = made.find(
      ({ kind, metadata }) => kind === 'ClusterRoleBinding' && metadata.name === 'maas-token-review',
    );
    expect((binding as { subjects?: object[] } | undefined)?.subjects).toContainEqual({
      kind: 'ServiceAccount',
      name: 'maas-gateway',
      namespace: 'maas',
    });
  });
});

withKubectl('volumes', () => {
  const groups = (overlay: string) => {
    const text = render('kubectl', 'kustomize', join(deployFolder, 'kustomize/overlays', overlay)) ?? '';
    const deployments = readManifests(text).filter(({ kind }) => kind === 'Deployment');
    return deployments.map((each) => podOf(each).securityContext?.['fsGroup']);
  };

  it('are writable for a group of ours, but on OpenShift, which chooses one', () => {
    expect(groups('kubernetes')).toEqual([65_532, 65_532]);
    expect(groups('openshift')).toEqual([undefined, undefined]);
  });
});
