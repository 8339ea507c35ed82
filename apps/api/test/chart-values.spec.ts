import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../src/config.js';
import { settingGroups } from '../src/contradictions.js';
import { settingNames } from '../src/environment.js';
import {
  chartFolder,
  type Manifest,
  podOf,
  type PodSpec,
  readManifests,
  renderChart,
  renderChartWith,
  settingsIn,
  settingsInBase,
  specOf,
} from './manifest-files.js';

// A machine without Helm has the schema alone to look at; `npm test` says so.
const withHelm = renderChart([]) === undefined ? describe.skip : describe;

/** What the chart says of values that it does not take. */
function refusal(...values: string[]): string {
  const refused = renderChart(values)?.refusal ?? '';
  // Without Helm's own notes of symbolic links.
  return refused.split('\n').filter((line) => !line.startsWith('walk.go')).join('\n'); // prettier-ignore
}

function objects(...values: string[]): Manifest[] {
  const rendered = renderChart(values);
  if (rendered?.refusal !== '') throw new Error(rendered?.refusal);
  return readManifests(rendered.text);
}

function podsOf(manifests: readonly Manifest[]): PodSpec[] {
  const workloads = manifests.filter(({ kind }) => kind === 'Deployment' || kind === 'Job');
  return workloads.map(podOf);
}

const schema = JSON.parse(readFileSync(join(chartFolder, 'values.schema.json'), 'utf8')) as {
  properties: { config: Record<'properties' | 'patternProperties', Record<string, unknown>> };
};

it('the schema of the chart has every setting, so that no name that there is not goes unnoticed', () => {
  expect(Object.keys(schema.properties.config.properties).sort()).toEqual([...settingNames].sort());
});

it('so do its templates, for secretSettings, and they take the same names of others', () => {
  const text = readFileSync(join(chartFolder, 'templates/_settings.tpl'), 'utf8');
  const [, list = ''] = /^\[\n([^\]]*)\]/m.exec(text) ?? [];
  expect(list.match(/\w+/g)?.sort()).toEqual([...settingNames].sort());
  const [pattern = ''] = Object.keys(schema.properties.config.patternProperties);
  expect(text.split('\n')).toContain(pattern);
});

it('its checks know the settings that go together, as the program does', () => {
  const text = readFileSync(join(chartFolder, 'templates/_checks.tpl'), 'utf8');
  const [, dictionary = ''] = /\$groups := dict([^}]*?) -?\}\}/.exec(text) ?? [];
  const groups = Array.from(dictionary.matchAll(/"(\w+)" \(list ([^)]*)\)/g), ([, prefix, needs]) => ({
    prefix: `${prefix}_`,
    needs: needs?.match(/\w+/g),
  }));
  expect(groups).toEqual(settingGroups);
});

withHelm('a value of the chart that cannot be is refused:', () => {
  it.each([
    ['exposure=ingress', "at '/exposure': value must be one of 'httpRoute', 'route', 'none'"],
    ['tokenIssuer=sa', "at '/tokenIssuer': value must be one of 'maas', 'serviceaccount'"],
    ['api.kubernetesAuth=on', "at '/api/kubernetesAuth'"],
    ['exposures=route', "additional properties 'exposures' not allowed"],
    ['gateway.replicas=3', "at '/gateway': additional properties 'replicas' not allowed"],
    ['config.ADMIN_GROUP=admins', "at '/config': additional properties 'ADMIN_GROUP' not allowed"],
    ['config.LIMITS=process', "at '/config/LIMITS': value must be one of 'postgres', 'redis'"],
    ['monitoring=on', "at '/monitoring'"],
    ['fsGroup=root', "at '/fsGroup'"],
    ['ports.metrics=80', "at '/ports/metrics': minimum"],
    ['networkPolicy.databasePorts=null', "at '/networkPolicy': missing property 'databasePorts'"],
    ['networkPolicy.databasePorts={postgres}', 'want integer'],
    ['secretSettings.OIDC_CLIENT_SECRTE=oidc', 'secretSettings.OIDC_CLIENT_SECRTE is no setting: docs/operate.md has'],
    ['secretSettings.REDIS_URL=redis', 'leave it out, for pods have it from the key redis-url of the Secret maas'],
    ['image.repository=registry:5000/maas-api:1.2.3', 'image.repository ends in a tag: leave it out there, and set'],
    ['gateway.resources=null', 'gateway.resources.limits.memory is missing: say how much'],
    ['api.resources.requests=null', 'api.resources.requests.cpu is missing: say how much'],
    ['image.tag=latest', 'image.tag is latest, which moves: name a version'],
    ['host=https://maas.example.com', 'host is not a name: give the name alone, in lower case and without https://'],
    ['host=Maas.example.com', 'host is not a name'],
    ['instanceName=My_Instance', 'instanceName begins the names of namespaces: it is at most 31 lower-case letters'],
    ['streamTimeout=1h30m', 'streamTimeout is one whole number with the unit s, m or h'],
    ['config.DRAIN_TIMEOUT=2m', 'config.DRAIN_TIMEOUT is whole seconds, such as 120s'],
    ['config.WEB_CONCURRENCY=auto', 'config.WEB_CONCURRENCY is a number here'],
  ])('%s', (value, said) => expect(refusal(value)).toContain(said));
});

withHelm('values of the chart that contradict each other are refused, with what to do:', () => {
  it.each([
    [['gateway.minReplicas=7'], 'gateway.minReplicas is more than gateway.maxReplicas: raise the latter'],
    [['gateway.maxReplicas=8'], 'config.MAAS_MAX_PROCESSES is less than 9,'],
    [['config.WEB_CONCURRENCY=2'], 'config.MAAS_MAX_PROCESSES is less than 14,'],
    [['ports.metrics=8080'], 'ports.http and ports.metrics are the same'],
    [['parentRefs=null'], 'exposure is httpRoute, so parentRefs must name your Gateway'],
    [['config.TLS_CERT_FILE=/tls/tls.crt'], 'exposure is httpRoute, which speaks HTTP to the pods'],
    [['streamTimeout=30m'], 'streamTimeout is not longer than UPSTREAM_TOTAL_TIMEOUT (30m)'],
    [['config.UPSTREAM_TOTAL_TIMEOUT=1h'], 'streamTimeout is not longer than UPSTREAM_TOTAL_TIMEOUT (1h)'],
    [['tokenIssuer=serviceaccount', 'api.kubernetesAuth=off'], 'api.kubernetesAuth is off: set it to in-cluster'],
    [['accessReviews=true', 'api.kubernetesAuth=off'], 'api.kubernetesAuth is off: set it to in-cluster'],
    [['config.MODEL_ACCESS_REVIEW=verb=get'], 'accessReviews is false: set it to true'],
    [
      ['config.OIDC_ISSUER=https://sso.example.com'],
      'config.OIDC_CLIENT_ID is missing: OIDC_ISSUER, OIDC_CLIENT_ID go',
    ],
    [
      ['config.OPENSHIFT_OAUTH_URL=https://oauth.example.com', 'config.OPENSHIFT_CLIENT_ID=maas'],
      'config.OPENSHIFT_CLIENT_SECRET is missing: OPENSHIFT_OAUTH_URL, OPENSHIFT_CLIENT_ID, OPENSHIFT_CLIENT_SECRET go together, and a secret is named by secretSettings',
    ],
    [['config.TOKEN_MAX_LIFETIME=5m'], 'less than 10m, the shortest that tokens are issued for'],
    [['kserve.namespaces={llm}'], 'kserve.enabled is false: set it to true'],
    [['tokenIssuer=serviceaccount', `tiers={${'a'.repeat(60)}}`], 'has more than 63 characters: choose a shorter'],
  ])('%j', (values, said) => expect(refusal(...values)).toContain(said));

  it('all at once', () => {
    const said = refusal('gateway.minReplicas=7', 'ports.metrics=8080', 'image.tag=latest');
    expect(said.match(/^ {2}- /gm)).toHaveLength(3);
  });
});

withHelm('a setting that another value of the chart decides is refused in config, with the value that does:', () => {
  it.each([
    ['PORT', 'ports.http'],
    ['METRICS_PORT', 'ports.metrics'],
    ['PUBLIC_URL', 'host'],
    ['SIGNING_KEYS_FILE', 'secretName'],
    ['TIERS_CONFIG_MAP', 'tiersConfigMap'],
    ['KSERVE_DISCOVERY', 'kserve.enabled'],
    ['KUBERNETES_AUTH', 'api.kubernetesAuth'],
    ['TOKEN_ISSUER', 'tokenIssuer'],
    ['INSTANCE_NAME', 'instanceName'],
    ['METRICS_HOST', 'nothing'],
    ['MAAS_ROLE', 'nothing'],
  ])('%s', (name, instead) => {
    expect(refusal(`config.${name}=1234`)).toContain(`config.${name} cannot be set: set ${instead}`);
    expect(refusal(`secretSettings.${name}=key`)).toContain(`secretSettings.${name} cannot be set: set ${instead}`);
  });

  it.each([
    ['DATABASE_URL', 'put it into the Secret mine under the key database-url'],
    ['ENCRYPTION_KEY', 'put it into the Secret mine under the key encryption-key'],
    ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'name its key by secretSettings.OTEL_EXPORTER_OTLP_TRACES_HEADERS'],
    ['OIDC_CLIENT_SECRET', 'put it into the Secret mine, and name its key by secretSettings.OIDC_CLIENT_SECRET'],
  ])('%s, which is secret', (name, said) => {
    const text = refusal('secretName=mine', `config.${name}=confidential`);
    expect(text).toContain(said);
    expect(text).not.toContain('confidential');
  });
});

withHelm('what is said once in the chart is followed everywhere:', () => {
  it('a port, by containers, their settings, probes, Services, the ServiceMonitor and policies', () => {
    const rendered = objects('ports.metrics=9464', 'ports.http=8443');
    const pods = podsOf(rendered).filter(({ containers: [container] }) => container?.ports);
    expect(pods).toHaveLength(2);
    for (const { containers } of pods) {
      const [{ env = [], ports = [], ...probes } = { env: [], ports: [] }] = containers;
      expect(ports.map(({ name, containerPort }) => [name, containerPort])).toEqual([
        ['http', 8443],
        ['metrics', 9464],
      ]);
      const said = Object.fromEntries(env.map(({ name, value }) => [name, value]));
      expect([said['PORT'], said['METRICS_PORT']]).toEqual(['8443', '9464']);
      const { startupProbe, livenessProbe, readinessProbe } = probes as Record<string, { httpGet: { port: string } }>;
      for (const probe of [startupProbe, livenessProbe, readinessProbe]) expect(probe?.httpGet.port).toBe('metrics');
    }
    // By their names: whatever else has a number of the old ones would not follow.
    const others = rendered.filter(({ kind }) => /^(?:Service|ServiceMonitor|NetworkPolicy|ConfigMap)$/.test(kind));
    expect(others.length).toBeGreaterThanOrEqual(6);
    const targets = others.filter(({ kind }) => kind === 'Service').flatMap(({ spec }) => (spec as { ports: { targetPort: unknown }[] }).ports); // prettier-ignore
    expect(new Set(targets.map(({ targetPort }) => targetPort))).toEqual(new Set(['http', 'metrics']));
    const text = JSON.stringify(others.filter(({ kind }) => kind !== 'Service'));
    expect(text).not.toMatch(/8080|9090|METRICS_PORT/);
  });

  it('the time to drain, by the time that pods are given to end', () => {
    const [pod] = podsOf(objects('config.DRAIN_DELAY=20s', 'config.DRAIN_TIMEOUT=600s'));
    expect(pod?.terminationGracePeriodSeconds).toBe(650);
  });

  it('where the database listens, by the policy that is there before the migration', () => {
    const policy = objects('networkPolicy.databasePorts={6432}').find(
      ({ metadata }) => metadata.name === 'maas-migrate',
    );
    expect(policy).toMatchObject({
      kind: 'NetworkPolicy',
      metadata: { annotations: { 'helm.sh/hook': 'pre-install,pre-upgrade', 'helm.sh/hook-weight': '-5' } },
    });
    const { egress } = specOf<{ egress: { ports: { port: number }[] }[] }>(policy);
    expect(egress.flatMap(({ ports }) => ports.map(({ port }) => port))).toEqual([53, 53, 5353, 5353, 6432]);
  });

  it('where gateways may go, in place of everywhere', () => {
    const rendered = objects('networkPolicy.egress[0].ports[0].port=6380');
    const policy = rendered.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'maas');
    const { egress } = specOf<{ egress: object[] }>(policy);
    expect(egress).toEqual([expect.anything(), { ports: [{ port: 6380 }] }]);
  });

  it('labels, by what the Prometheus operator selects', () => {
    const rendered = objects('monitoringLabels.release=kube-prometheus-stack');
    const selected = rendered.filter(({ kind }) => kind === 'ServiceMonitor' || kind === 'PrometheusRule');
    expect(selected).toHaveLength(2);
    for (const { metadata } of selected) {
      expect(metadata).toHaveProperty('labels.release', 'kube-prometheus-stack');
    }
  });

  it('an authority of one’s own, by the migration too, which is there before the ConfigMap', () => {
    const [, , migrate] = podsOf(objects('config.NODE_EXTRA_CA_CERTS=/ca/ca.crt'));
    expect(migrate?.containers[0]?.env).toContainEqual({ name: 'NODE_EXTRA_CA_CERTS', value: '/ca/ca.crt' });
    expect(JSON.stringify(podsOf(objects()))).not.toContain('NODE_EXTRA_CA_CERTS');
  });

  it('a secret setting, by a reference', () => {
    const oidc = ['config.OIDC_ISSUER=https://sso.example.com', 'config.OIDC_CLIENT_ID=maas'];
    const rendered = objects('secretSettings.OIDC_CLIENT_SECRET=oidc', ...oidc);
    for (const { containers } of podsOf(rendered).slice(0, 2)) {
      expect(containers[0]?.env).toContainEqual({
        name: 'OIDC_CLIENT_SECRET',
        valueFrom: { secretKeyRef: { name: 'maas', key: 'oidc' } },
      });
    }
    expect(rendered.filter(({ kind }) => kind === 'Secret')).toEqual([]);
  });
});

withHelm('a setting in a file of values is what was meant:', () => {
  const settings = (config: Record<string, string>) => {
    const lines = Object.entries(config).map(([name, value]) => `  ${name}: ${value}\n`);
    const rendered = renderChartWith(`config:\n${lines.join('')}`);
    if (rendered?.refusal !== '') throw new Error(rendered?.refusal);
    return settingsIn(readManifests(rendered.text));
  };
  const takes = (name: string, value: string) => {
    try {
      return readConfig({ [name]: value }) !== undefined;
    } catch {
      return false;
    }
  };

  it('on and off, which are booleans to YAML, of every setting that takes them and no boolean', () => {
    const names = settingNames.filter((name) => takes(name, 'on') && takes(name, 'off') && !takes(name, 'true'));
    expect(names).toContain('LOG_REQUESTS');
    for (const value of ['on', 'off']) {
      const said = Object.fromEntries(names.map((name) => [name, value]));
      expect(settings(said)).toMatchObject(said);
    }
  });

  it.each(['yes', 'true'])('%s of one that takes true', (value) => {
    expect(settings({ OTEL_SDK_DISABLED: value })).toMatchObject({ OTEL_SDK_DISABLED: 'true' });
  });

  it('numbers, in full', () => {
    const said = {
      OIDC_ISSUER: 'https://sso.example.com',
      OIDC_CLIENT_ID: '123456789012',
      MAX_REQUEST_BYTES: '33554432',
      MAX_CONNECTIONS: '5000000',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
    };
    expect(settings(said)).toMatchObject(said);
  });

  it('a number that YAML would round is refused, unless it is in quotes', () => {
    expect(() => settings({ TOKEN_AUDIENCE: '12345678901234567' })).toThrow(
      'config.TOKEN_AUDIENCE has more digits than a number in YAML keeps: put it in quotes',
    );
    expect(settings({ TOKEN_AUDIENCE: "'12345678901234567'" })['TOKEN_AUDIENCE']).toBe('12345678901234567');
  });
});

withHelm('volumes are writable for', () => {
  const groups = (...values: string[]) => podsOf(objects(...values)).map((pod) => pod.securityContext?.['fsGroup']);

  it('a group of ours as installed, for gateways and the control plane', () => {
    expect(groups()).toEqual([65_532, 65_532, undefined]);
  });

  it('a group that the cluster chooses on OpenShift, which admits no other', () => {
    expect(groups('exposure=route')).toEqual([undefined, undefined, undefined]);
    const connected = renderChart([], 'maas', ['security.openshift.io/v1']);
    expect(connected?.text).not.toContain('fsGroup');
  });

  it('whom the operator says', () => {
    expect(groups('fsGroup=1234')).toEqual([1234, 1234, undefined]);
    expect(groups('fsGroup=none')).toEqual([undefined, undefined, undefined]);
  });
});

withHelm('an image', () => {
  it('may be of a registry with a port, and have a long tag, of which labels have what they may', () => {
    const tag = `1.2.3-${'a'.repeat(56)}.-${'b'.repeat(20)}`;
    const rendered = objects('image.repository=registry:5000/maas-api', `image.tag=${tag}`);
    const images = podsOf(rendered).map(({ containers }) => containers[0]?.image);
    expect(new Set(images)).toEqual(new Set([`registry:5000/maas-api:${tag}`]));
    for (const { metadata } of rendered) {
      const { labels } = metadata as { labels?: Record<string, string> };
      expect(labels?.['app.kubernetes.io/version']).toBe(`1.2.3-${'a'.repeat(56)}`);
    }
  });
});

withHelm('the chart as installed', () => {
  it('has settings that a process takes, those of the kustomization', () => {
    const settings = settingsIn(objects());
    expect(settings).toEqual(settingsInBase());
    expect(() => readConfig(settings)).not.toThrow();
  });
});
