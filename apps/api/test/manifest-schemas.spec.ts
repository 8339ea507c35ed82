import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  deployFolder,
  type Manifest,
  manifestsIn,
  overlays,
  readManifests,
  render,
  renderChart,
} from './manifest-files.js';
import { problemsOf } from './manifest-schemas.js';

const manifests = manifestsIn('kustomize');

/** Values of the chart that make what it has not as installed. */
const optional = [
  'image.digest=sha256:' + '0'.repeat(64),
  'imagePullSecrets[0].name=registry',
  'config.OIDC_ISSUER=https://sso.example.com',
  'config.OIDC_CLIENT_ID=maas',
  'secretSettings.OIDC_CLIENT_SECRET=oidc-client-secret',
  'secretSettings.OTEL_EXPORTER_OTLP_TRACES_HEADERS=otlp-headers',
  'ports.metrics=9464',
  'fsGroup=1234',
  'gateway.dataClaim=journal',
  'nodeSelector.disk=fast',
  'tolerations[0].key=inference',
  'affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0].key=metadata.name',
  'affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0].operator=Exists',
  'priorityClassName=important',
  'podAnnotations.example=yes',
  'extraVolumes[0].name=ca',
  'extraVolumes[0].configMap.name=ca',
  'extraVolumeMounts[0].name=ca',
  'extraVolumeMounts[0].mountPath=/ca',
  'networkPolicy.databasePorts={5432,6432}',
  'networkPolicy.egress[0].ports[0].port=443',
  'monitoringLabels.release=prometheus',
  'grafanaDashboards=true',
];

/** A copy with something else at a place; undefined: without what is there. */
function changed(kind: string, path: readonly (string | number)[], value: unknown): Manifest {
  const copy = structuredClone(manifests.find((manifest) => manifest.kind === kind));
  if (!copy) throw new Error(`there is no ${kind}`);
  const last = path.at(-1) ?? '';
  const parent = path
    .slice(0, -1)
    .reduce(
      (node, key) => node[key] as Record<string | number, unknown>,
      copy as unknown as Record<string | number, unknown>,
    );
  parent[last] = value;
  return JSON.parse(JSON.stringify(copy)) as Manifest;
}

const container = ['spec', 'template', 'spec', 'containers', 0] as const;

/** A mistake in each type that there is, and what is said of it. */
const mistakes: readonly [kind: string, path: readonly (string | number)[], value: unknown, said: RegExp][] = [
  ['HTTPRoute', ['spec', 'rules', 0, 'timeout'], '60s', /'timeout' does not exist/],
  ['HTTPRoute', ['spec', 'rules', 0, 'timeouts', 'request'], '31 minutes', /pattern/],
  ['HTTPRoute', ['spec', 'rules', 0, 'matches', 0, 'path', 'type'], 'Prefix', /"PathPrefix"|allowed/],
  ['ServiceMonitor', ['spec', 'endpoints', 0, 'intervall'], '30s', /'intervall' does not exist/],
  ['ServiceMonitor', ['spec', 'selector'], undefined, /selector/],
  ['PrometheusRule', ['spec', 'groups', 0, 'rules', 0, 'severity'], 'critical', /'severity' does not exist/],
  ['PrometheusRule', ['spec', 'groups', 0, 'rules', 0, 'for'], 'a minute', /pattern/],
  ['Route', ['spec', 'timeout'], '31m', /timeout/],
  ['Route', ['spec', 'tls', 'termination'], 'plain', /termination/],
  ['Deployment', [...container, 'readynessProbe'], {}, /'readynessProbe' does not exist/],
  ['Deployment', [...container, 'image'], 5, /image/],
  ['Deployment', ['spec', 'selector'], undefined, /selector/],
  ['Job', ['spec', 'backoffLimits'], 3, /'backoffLimits' does not exist/],
  ['HorizontalPodAutoscaler', ['spec', 'maxReplicas'], undefined, /maxReplicas/],
  ['PodDisruptionBudget', ['spec', 'minimum'], 1, /'minimum' does not exist/],
  ['NetworkPolicy', ['spec', 'podSelector', 'labels'], {}, /'labels' does not exist/],
  ['Service', ['spec', 'ports', 0, 'port'], 'eighty', /port/],
  ['ServiceAccount', ['automountToken'], false, /'automountToken' does not exist/],
  ['ClusterRole', ['rules', 0, 'verb'], 'create', /'verb' does not exist/],
  ['ClusterRoleBinding', ['roleRef', 'name'], undefined, /name/],
  ['Role', ['rules', 0, 'resource'], 'pods', /'resource' does not exist/],
  ['RoleBinding', ['subject'], {}, /'subject' does not exist/],
  ['Namespace', ['specification'], {}, /'specification' does not exist/],
];

describe('every manifest', () => {
  it('fits the published schema of its type, and has no field that the type does not have', async () => {
    expect(await problemsOf(manifests)).toEqual([]);
  });

  it('is of a type that there is a schema for', async () => {
    const [problem] = await problemsOf([{ apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'x' } }]);
    expect(problem).toContain('no schema is known for example.com/v1');
  });
});

describe('a mistake is found in', () => {
  let problems: string[];
  beforeAll(async () => {
    problems = await problemsOf(
      mistakes.map(([kind, path, value], index) => {
        const manifest = changed(kind, path, value);
        return { ...manifest, metadata: { ...manifest.metadata, name: `mistake-${index}` } };
      }),
    );
  });

  it.each(mistakes.map(([kind, path, , said], index) => [kind, path.join('.'), said, index] as const))(
    '%s, at %s',
    (kind, _path, said, index) => {
      const about = problems.filter((problem) => problem.startsWith(`${kind} mistake-${index}: `));
      expect(about.join('\n')).toMatch(said);
    },
  );

  it('each type of manifest that there is', () => {
    const kinds = new Set(manifests.map(({ kind }) => kind));
    expect([...kinds].filter((kind) => !mistakes.some(([tried]) => tried === kind))).toEqual([]);
  });
});

describe('what the chart has not as installed', () => {
  const charted = renderChart(optional);
  // A machine without Helm has nothing to look at.
  if (charted !== undefined) {
    it('fits too', async () => {
      expect(charted.refusal).toBe('');
      expect(await problemsOf(readManifests(charted.text))).toEqual([]);
    });
  }
});

describe.each(overlays)('what is rendered for %s', (overlay, values) => {
  const rendered = [
    ['kustomize', render('kubectl', 'kustomize', join(deployFolder, 'kustomize/overlays', overlay))],
    ['helm', renderChart(values)?.text],
  ] as const;
  // A machine without the two programs has the files alone to look at.
  for (const [by, text] of rendered) {
    if (text === undefined) continue;
    it(`by ${by} fits too`, async () => {
      const objects = readManifests(text);
      expect(objects.length).toBeGreaterThan(10);
      expect(await problemsOf(objects)).toEqual([]);
    });
  }
});
