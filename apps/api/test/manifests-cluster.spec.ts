import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../src/config.js';
import {
  deployFolder,
  type Manifest,
  manifestsIn,
  podOf,
  readManifests,
  render,
  renderChart,
  settingsIn,
} from './manifest-files.js';

interface Bound extends Manifest {
  readonly rules: object[];
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects: object[];
}

const api = [{ kind: 'ServiceAccount', name: 'maas-api', namespace: 'maas' }];

describe('the rights to follow the cluster', () => {
  it('are to list and watch what KServe serves, of the control plane alone', () => {
    const [role, binding] = manifestsIn('kustomize/components/kserve') as Bound[];
    expect(role?.rules).toEqual([
      {
        apiGroups: ['serving.kserve.io'],
        resources: ['llminferenceservices', 'inferenceservices'],
        verbs: ['list', 'watch'],
      },
    ]);
    expect([binding?.roleRef.name, binding?.subjects]).toEqual([role?.metadata.name, api]);
  });

  it('are to list and watch one ConfigMap by its name, in its namespace', () => {
    const [role, binding] = manifestsIn('kustomize/components/tier-config-map') as Bound[];
    expect([role?.kind, binding?.kind]).toEqual(['Role', 'RoleBinding']);
    expect(role?.rules).toEqual([
      {
        apiGroups: [''],
        resources: ['configmaps'],
        resourceNames: ['tier-to-group-mapping'],
        verbs: ['list', 'watch'],
      },
    ]);
    expect([binding?.roleRef.name, binding?.subjects]).toEqual([role?.metadata.name, api]);
  });
});

describe('what is rendered', () => {
  const overlay = render('kubectl', 'kustomize', join(deployFolder, 'kustomize/overlays/cluster-models'));
  const chart = renderChart(['kserve.enabled=true', 'kserve.namespaces={llm,lab}', 'api.kubernetesAuth=off'])?.text;

  if (overlay !== undefined) {
    it('by the overlay switches both on', () => {
      const objects = readManifests(overlay);
      expect(readConfig(settingsIn(objects)).KSERVE_DISCOVERY).toBe(true);
      const deployment = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'maas-api');
      const { env = [] } = podOf(deployment).containers[0] ?? {};
      // Kubernetes puts in what comes before.
      const [own, tiers] = ['POD_NAMESPACE', 'TIERS_CONFIG_MAP'].map((name) =>
        env.findIndex((each) => each.name === name),
      );
      expect(own).toBeLessThan(tiers ?? 0);
      expect(env[own ?? 0]).toEqual({
        name: 'POD_NAMESPACE',
        valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } },
      });
      expect(env[tiers ?? 0]?.value).toBe('$(POD_NAMESPACE)/tier-to-group-mapping');
    });
  }
  if (chart !== undefined) {
    it('by the chart gives the right in the namespaces that are named, and the pods their token', () => {
      expect(readConfig(settingsIn(readManifests(chart))).KSERVE_NAMESPACES).toEqual(['llm', 'lab']);
      const objects = readManifests(chart);
      const bindings = objects.filter(({ kind }) => kind.endsWith('Binding'));
      expect(bindings.map(({ kind, metadata }) => [kind, metadata.namespace])).toEqual([
        ['RoleBinding', 'llm'],
        ['RoleBinding', 'lab'],
      ]);
      const deployment = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'maas-api');
      expect(deployment?.spec).toMatchObject({ template: { spec: { automountServiceAccountToken: true } } });
    });
  }
});
