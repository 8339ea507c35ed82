import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../src/config.js';
import { deployFolder, type Manifest, manifestsIn, readManifests, render } from './manifest-files.js';

interface Bound extends Manifest {
  readonly rules: object[];
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects: object[];
}

const api = [{ kind: 'ServiceAccount', name: 'maas-api', namespace: 'maas' }];
const helm = (...settings: string[]) =>
  render(
    'helm',
    'template',
    'maas',
    join(deployFolder, 'helm/maas'),
    '-n',
    'maas',
    '--kube-version',
    '1.31.0',
    '--set',
    settings.join(),
  );

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

/** The settings of the ConfigMap `maas`, where the program that renders it is there. */
function settingsIn(text: string): Record<string, string> {
  const config = readManifests(text).find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'maas');
  return (config as { data?: Record<string, string> } | undefined)?.data ?? {};
}

describe('what is rendered', () => {
  const overlay = render('kubectl', 'kustomize', join(deployFolder, 'kustomize/overlays/cluster-models'));
  const chart = helm('kserve.enabled=true', 'kserve.namespaces={llm,lab}', 'api.kubernetesAuth=off');

  if (overlay !== undefined) {
    it('by the overlay switches both on', () => {
      const { KSERVE_DISCOVERY, TIERS_CONFIG_MAP } = readConfig(settingsIn(overlay));
      expect([KSERVE_DISCOVERY, TIERS_CONFIG_MAP]).toEqual([true, 'maas/tier-to-group-mapping']);
    });
  }
  if (chart !== undefined) {
    it('by the chart gives the right in the namespaces that are named, and the pods their token', () => {
      expect(readConfig(settingsIn(chart)).KSERVE_NAMESPACES).toEqual(['llm', 'lab']);
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
