import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { namespaceOf } from '../src/auth/account-names.js';
import { readConfig } from '../src/config.js';
import { settingNames } from '../src/environment.js';
import { controlPlanePaths } from '../src/http/role.js';
import { firstTiers } from '../src/installation/first-tiers.js';
import {
  type Container,
  deployFolder,
  knownPart,
  type Manifest,
  manifestsIn,
  mergeKeys,
  overlays,
  type PodSpec,
  readManifests,
  readYaml,
  render,
  renderChart,
  settingsIn,
  settingsInBase,
} from './manifest-files.js';

const manifests = manifestsIn('kustomize');
const ours = /^(?:v1|(?:apps|batch|autoscaling|policy|(?:networking|rbac\.authorization)\.k8s\.io)\/v\d)$/;

function find<Spec>(kind: string, name: string): Spec {
  const found = manifests.filter((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (found.length !== 1 || !found[0]) throw new Error(`there are ${found.length} of ${kind} ${name}`);
  return { ...found[0], ...(found[0].spec as object) } as Spec;
}

interface Workload {
  readonly name: string;
  readonly pod: PodSpec;
  readonly container: Container;
}

const workloads = manifests.flatMap(({ kind, metadata, spec }): Workload[] => {
  if (kind !== 'Deployment' && kind !== 'Job') return [];
  const pod = (spec as { template: { spec: PodSpec } }).template.spec;
  return [...pod.containers, ...(pod.initContainers ?? [])].map((container) => ({
    name: metadata.name,
    pod,
    container,
  }));
});
const settings = settingsInBase();

/** The settings that a container starts with; a secret that is there for certain, made up. */
function environmentOf({ env = [], envFrom }: Container): Record<string, string> {
  const made: Record<string, string> = {
    'database-url': 'postgres://maas@db/maas',
    'redis-url': 'redis://redis',
    'encryption-key': `first:${Buffer.alloc(32).toString('base64')}`,
  };
  const own = env.map(({ name, value, valueFrom }) => [name, value ?? made[valueFrom?.secretKeyRef?.key ?? '']]);
  return { ...(envFrom ? settings : {}), ...(Object.fromEntries(own) as Record<string, string>) };
}

/** Or what the values of settings refer to, or what Node itself takes. */
const isSetting = (name: string) =>
  name === 'POD_NAMESPACE' ||
  name === 'NODE_EXTRA_CA_CERTS' ||
  [name, name.replace(/_FILE$/, '')].some((each) => settingNames.includes(each));

/** The rights that roles have, by their name: verbs, and what they are for. */
function rightsIn(objects: readonly Manifest[]): Record<string, string[]> {
  interface Rule {
    apiGroups: string[];
    resources: string[];
    verbs: string[];
  }
  const roles = objects.filter(({ kind }) => kind.endsWith('Role')) as (Manifest & { rules: Rule[] })[];
  const said = ({ apiGroups, resources, verbs }: Rule) =>
    `${verbs.join()} ${resources.join()}${apiGroups.map((group) => (group === '' ? '' : `.${group}`)).join()}`;
  return Object.fromEntries(roles.map(({ metadata, rules }) => [metadata.name, rules.map(said)]));
}

/** Who has them, and where. */
function boundIn(objects: readonly Manifest[]): string[] {
  type Binding = Manifest & { roleRef: { name: string }; subjects: { namespace: string; name: string }[] };
  const bindings = objects.filter(({ kind }) => kind.endsWith('Binding')) as Binding[];
  return bindings
    .map(({ kind, metadata, roleRef, subjects }) => {
      const where = kind === 'RoleBinding' ? metadata.namespace : 'the cluster';
      return `${roleRef.name} in ${where}: ${subjects.map(({ namespace, name }) => `${namespace}/${name}`).join(', ')}`;
    })
    .sort();
}

describe('the manifests', () => {
  it.each(manifests.filter(({ apiVersion }) => ours.test(apiVersion)).map((each) => [each.kind, each] as const))(
    '%s has no field that Kubernetes does not know',
    (_, manifest) => expect(knownPart(manifest)).toEqual(manifest),
  );

  it('are the gateway, the control plane, the migration, and what belongs to them', () => {
    expect(workloads.map(({ name }) => name).sort()).toEqual(['maas-api', 'maas-gateway', 'maas-migrate']);
    const kinds = new Set(manifests.map(({ kind }) => kind));
    for (const kind of ['HorizontalPodAutoscaler', 'PodDisruptionBudget', 'NetworkPolicy', 'HTTPRoute', 'Route']) {
      expect(kinds).toContain(kind);
    }
    expect(kinds).not.toContain('Secret');
  });

  it('give one right in the cluster, to the control plane', () => {
    const base = manifestsIn('kustomize/base');
    expect(rightsIn(base)).toEqual({ 'maas-token-review': ['create tokenreviews.authentication.k8s.io'] });
    expect(boundIn(base)).toEqual(['maas-token-review in the cluster: maas/maas-api']);
    const withToken = workloads.filter(({ pod }) => pod.automountServiceAccountToken !== false);
    expect(withToken.map(({ name }) => name)).toEqual(['maas-api']);
  });

  it('give more only for what is switched on, and over accounts in the namespaces of tiers alone', () => {
    const reviews = manifestsIn('kustomize/components/access-reviews');
    expect(rightsIn(reviews)).toEqual({
      'maas-access-review': ['create subjectaccessreviews.authorization.k8s.io'],
    });
    expect(boundIn(reviews)).toEqual(['maas-access-review in the cluster: maas/maas-api, maas/maas-gateway']);
    const accounts = manifestsIn('kustomize/tier-accounts');
    expect(rightsIn(accounts)).toEqual({
      'maas-token-accounts': ['create,get,delete serviceaccounts', 'create serviceaccounts/token'],
    });
    const tiers = firstTiers.map(({ name }) => namespaceOf({ INSTANCE_NAME: 'maas' }, name)).sort();
    expect(boundIn(accounts)).toEqual(tiers.map((tier) => `maas-token-accounts in ${tier}: maas/maas-api`));
    const made = accounts.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
    expect(made.sort()).toEqual(tiers);
  });
});

describe.each(workloads)('a pod of $name', ({ name, pod, container }) => {
  it('is what restricted-v2 and the Pod Security Standard "restricted" accept', () => {
    expect(pod.securityContext).toEqual({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod.hostNetwork).toBeUndefined();
    const kinds = (pod.volumes ?? []).flatMap((volume) => Object.keys(volume).filter((key) => key !== 'name'));
    expect(kinds.filter((kind) => kind !== 'emptyDir' && kind !== 'secret')).toEqual([]);
  });

  it('has an image of a version, requests and limits', () => {
    expect(container.image).toMatch(/:\d+\.\d+\.\d+$/);
    const { requests, limits } = container.resources ?? {};
    for (const amount of [requests, limits]) expect(Object.keys(amount ?? {}).sort()).toEqual(['cpu', 'memory']);
  });

  it('is probed on the port of its own, which is not the public one', () => {
    if (name === 'maas-migrate') return expect(container.ports).toBeUndefined();
    const at = Object.fromEntries((container.ports ?? []).map((port) => [port.name, String(port.containerPort)]));
    expect(at).toEqual({ http: '8080', metrics: '9090' });
    // Beside them, where nothing in the ConfigMap can say otherwise.
    const said = Object.fromEntries((container.env ?? []).map((each) => [each.name, each.value]));
    expect([said['PORT'], said['METRICS_PORT']]).toEqual([at['http'], at['metrics']]);
    for (const [probe, path] of [
      ['startupProbe', '/livez'],
      ['livenessProbe', '/livez'],
      ['readinessProbe', '/readyz'],
    ] as const) {
      expect(container[probe]?.httpGet).toEqual({ path, port: 'metrics' });
    }
  });

  it('starts with settings that there are, which are usable together', () => {
    expect(Object.keys(environmentOf(container)).filter((each) => !isSetting(each))).toEqual([]);
    const config = readConfig(environmentOf(container));
    if (name === 'maas-migrate') return;
    expect(config.MAAS_ROLE).toBe(name.replace('maas-', ''));
    expect(config.LIMITS).toBe('redis');
    // Cluster-made variables of Services could be taken for settings.
    expect(pod.enableServiceLinks).toBe(false);
    const end = config.DRAIN_DELAY + config.DRAIN_TIMEOUT + 30_000;
    expect(1000 * (pod.terminationGracePeriodSeconds ?? 0)).toBeGreaterThanOrEqual(end);
  });
});

it('as many processes are counted with as there can be gateways during an update', () => {
  const { maxReplicas } = find<{ maxReplicas: number }>('HorizontalPodAutoscaler', 'maas-gateway');
  expect(Number(settings['MAAS_MAX_PROCESSES'])).toBeGreaterThan(maxReplicas);
});

describe('paths', () => {
  const longest = readConfig({}).UPSTREAM_TOTAL_TIMEOUT;
  const minutes = (text: string) => Number(/^(\d+)m$/.exec(text)?.[1]) * 60_000;
  const control = [...controlPlanePaths].sort();

  it('of the control plane go there by the HTTPRoute, the rest to a gateway that has time to answer', () => {
    interface Rule {
      matches: { path: { type: string; value: string } }[];
      backendRefs: { name: string }[];
      timeouts: { request: string };
    }
    const [api, gateway] = find<{ rules: Rule[] }>('HTTPRoute', 'maas').rules;
    expect(api?.matches.map(({ path }) => path.value).sort()).toEqual(control);
    expect([api, gateway].map((rule) => rule?.backendRefs[0]?.name)).toEqual(['maas-api', 'maas-gateway']);
    expect(gateway?.matches).toEqual([{ path: { type: 'PathPrefix', value: '/' } }]);
    expect(minutes(gateway?.timeouts.request ?? '')).toBeGreaterThan(longest);
  });

  it('do so by Routes', () => {
    const routes = manifests.filter(({ kind }) => kind === 'Route').map(({ spec }) => spec as { path: string; to: { name: string } }); // prettier-ignore
    const to = (name: string) => routes.filter((route) => route.to.name === name).map(({ path }) => path);
    expect([to('maas-gateway'), to('maas-api').sort()]).toEqual([['/'], control]);
    const { metadata } = find<{ metadata: { annotations: Record<string, string> } }>('Route', 'maas-gateway');
    expect(minutes(metadata.annotations['haproxy.router.openshift.io/timeout'] ?? '')).toBeGreaterThan(longest);
  });

  it('do so by the balancer of docker-compose.yml', () => {
    const text = readFileSync(join(deployFolder, 'compose/haproxy.cfg'), 'utf8');
    const pattern = new RegExp(/path -m reg (\S+)/.exec(text)?.[1] ?? 'nothing');
    for (const path of controlPlanePaths) expect([path, `${path}/x`].filter((each) => !pattern.test(each))).toEqual([]);
    expect(['/', '/v1/models', '/v1/chat/completions', '/authors/v1/models'].filter((each) => pattern.test(each))).toEqual([]); // prettier-ignore
  });
});

it('docker-compose.yml has the same roles, with settings that there are, and no image that moves', () => {
  interface Service {
    image: string;
    environment?: Record<string, string>;
    read_only?: boolean;
  }
  const text = readFileSync(join(deployFolder, '../docker-compose.yml'), 'utf8');
  const { services } = mergeKeys(readYaml<{ services: Record<string, Service> }>(text));
  const processes = Object.values(services).filter(({ image }) => image.startsWith('maas-api:'));
  const roles = processes.flatMap(({ environment }) => environment?.['MAAS_ROLE'] ?? []);
  expect(roles.sort()).toEqual(['api', 'gateway', 'gateway']);
  const names = processes.flatMap(({ environment }) => Object.keys(environment ?? {}));
  expect(names.filter((each) => !isSetting(each))).toEqual([]);
  expect(processes.every((service) => service.read_only)).toBe(true);
  expect(Object.values(services).filter(({ image }) => /:latest$|^[^:]+$/.test(image))).toEqual([]);
});

it('the images run as a user that is a number, which runAsNonRoot asks for, of the group 0, and say whether they are healthy', () => {
  const text = readFileSync(join(deployFolder, 'Dockerfile'), 'utf8');
  const [, , ...images] = text.split(/^FROM .* AS /m);
  expect(images.map((image) => /^\w+/.exec(image)?.[0])).toEqual(['simulator', 'api']);
  for (const image of images) {
    expect([...image.matchAll(/^USER (.*)$/gm)].at(-1)?.[1]).toMatch(/^[1-9]\d*:0$/);
    expect(image).toMatch(/^HEALTHCHECK /m);
  }
});

it('the PrometheusRule has the alerts of deploy/observability; scripts/prometheus-rule.mjs puts them there', () => {
  const rules = readYaml<object>(readFileSync(join(deployFolder, 'observability/prometheus-rules.yaml'), 'utf8'));
  const rule = manifests.find(({ kind }) => kind === 'PrometheusRule');
  expect(rule?.spec).toEqual(rules);
});

/**
 * Without what only one of the two needs: the namespace, what Helm is told and says of itself, how each makes new pods of new
 * settings, and from where the migration has one: Helm's is there before the ConfigMap.
 */
function comparable(text: string): Record<string, unknown> {
  const ofHelm = /^(?:checksum\/config|helm\.sh\/.*|app\.kubernetes\.io\/(?:instance|version|managed-by))$/;
  const objects = readManifests(text).map((manifest) => {
    const copy = JSON.parse(
      JSON.stringify(manifest, (key, value: unknown) => {
        if (ofHelm.test(key)) return undefined;
        if (key === 'env')
          return (value as object[]).filter((each) => !JSON.stringify(each).includes('configMapKeyRef'));
        return typeof value === 'string' ? value.replace(/^maas-\w{10}$/, 'maas') : value;
      }),
    ) as Manifest & { metadata: { namespace?: string; annotations?: object } };
    delete copy.metadata.namespace;
    return JSON.parse(
      JSON.stringify(copy, (key, value: unknown) =>
        key === 'annotations' && Object.keys(value as object).length === 0 ? undefined : value,
      ),
    ) as Manifest;
  });
  return Object.fromEntries(objects.map((object) => [`${object.kind} ${object.metadata.name}`, object]));
}

describe.each(overlays)('the overlay %s', (overlay, values) => {
  const kustomized = render('kubectl', 'kustomize', join(deployFolder, 'kustomize/overlays', overlay));
  const charted = renderChart(values);

  // A machine without the two programs has the files alone to look at.
  if (kustomized !== undefined) {
    it('renders every object of the base', () => {
      const rendered = Object.keys(comparable(kustomized));
      const base = manifestsIn('kustomize/base').map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      expect(rendered).toEqual(expect.arrayContaining(base));
    });
  }
  if (kustomized !== undefined && charted !== undefined) {
    it('is the same, object by object, as the chart', () => {
      expect(charted.refusal).toBe('');
      expect(comparable(charted.text)).toEqual(comparable(kustomized));
    });
  }
});

it('gateways of the overlay cluster-tokens may ask the API server, and are set to', () => {
  const text = render('kubectl', 'kustomize', join(deployFolder, 'kustomize/overlays/cluster-tokens'));
  if (text === undefined) return;
  const objects = readManifests(text);
  const data = settingsIn(objects);
  expect(data).toMatchObject({ TOKEN_ISSUER: 'serviceaccount', INSTANCE_NAME: 'maas' });
  for (const { kind, metadata, spec } of objects) {
    if (kind !== 'Deployment') continue;
    const { automountServiceAccountToken, containers } = (spec as { template: { spec: PodSpec } }).template.spec;
    const [container] = containers;
    const environment = { ...data, ...(container ? environmentOf({ ...container, envFrom: [] }) : {}) };
    expect([metadata.name, automountServiceAccountToken, environment['KUBERNETES_AUTH']]).toEqual([
      metadata.name,
      true,
      'in-cluster',
    ]);
    expect(readConfig(environment).TOKEN_AUDIENCE).toBe('maas-sa');
  }
  expect(boundIn(objects)).toContain('maas-token-review in the cluster: maas/maas-api, maas/maas-gateway');
});

describe('gateways may create TokenReviews where they have KUBERNETES_AUTH, and nowhere else:', () => {
  it.each([
    [['accessReviews=true'], true],
    [['tokenIssuer=serviceaccount'], true],
    [['kserve.enabled=true'], false],
    [[], false],
  ])('by the chart with %j', (values, may) => {
    const rendered = renderChart(values);
    if (rendered === undefined) return;
    const objects = readManifests(rendered.text);
    const gateway = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'maas-gateway');
    expect(JSON.stringify(gateway).includes('KUBERNETES_AUTH')).toBe(may);
    const bound = boundIn(objects).find((each) => each.startsWith('maas-token-review '));
    expect(bound?.includes('maas/maas-gateway')).toBe(may);
  });
});
