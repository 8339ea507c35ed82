import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dumpYaml, loadAllYaml, loadYaml } from '@kubernetes/client-node';

export const deployFolder = fileURLToPath(new URL('../../../deploy/', import.meta.url));
export const chartFolder = join(deployFolder, 'helm/maas');

/** An object as a manifest has it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: unknown;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: string[];
  readonly env?: { name: string; value?: string; valueFrom?: { secretKeyRef?: { name: string; key: string } } }[];
  readonly envFrom?: unknown[];
  readonly ports?: { name: string; containerPort: number }[];
  readonly securityContext?: object;
  readonly resources?: Record<'requests' | 'limits', Record<'cpu' | 'memory', string>>;
  readonly [probe: `${string}Probe`]: { httpGet: { path: string; port: string } };
}

export interface PodSpec {
  readonly automountServiceAccountToken?: boolean;
  readonly enableServiceLinks?: boolean;
  readonly hostNetwork?: boolean;
  readonly securityContext?: Record<string, unknown>;
  readonly terminationGracePeriodSeconds?: number;
  readonly containers: Container[];
  readonly initContainers?: Container[];
  readonly volumes?: Record<string, unknown>[];
}

/** Reads YAML as it is: the client's own reader would leave out what it does not know, unless it is beneath a key. */
export function readYaml<Content>(text: string): Content {
  return loadYaml<{ content: Content }>(`content:\n${text.replace(/^/gm, '  ')}`).content;
}

export function readManifests(text: string): Manifest[] {
  const documents = text.split(/^---$/m).filter((document) => /^\w/m.test(document));
  return documents.map((document) => readYaml<Manifest>(document));
}

/** What Kubernetes' API (its published OpenAPI document, from which the client is made) knows of an object's fields. */
export function knownPart(manifest: Manifest): unknown {
  return readYaml(dumpYaml(loadAllYaml(JSON.stringify(manifest))[0]));
}

/** What YAML's merge keys (`<<`) say, which the reader leaves as they are. */
export function mergeKeys<Content>(content: Content): Content {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return content;
  const { '<<': base, ...own } = content as Record<string, unknown>;
  const merged = Object.entries({ ...mergeKeys(base as object | undefined), ...own });
  return Object.fromEntries(merged.map(([key, value]) => [key, mergeKeys(value)])) as Content;
}

/** The objects of all files of a folder of deploy/, without kustomizations. */
export function manifestsIn(folder: string): Manifest[] {
  const path = join(deployFolder, folder);
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
  return files
    .sort()
    .flatMap((name) => readManifests(readFileSync(join(path, name), 'utf8')))
    .filter(({ apiVersion }) => !apiVersion.startsWith('kustomize.config.k8s.io/'));
}

/** The specification of an object, which has to be there. */
export function specOf<Spec>(manifest: Manifest | undefined): Spec {
  if (!manifest) throw new Error('there is no such object');
  return manifest.spec as Spec;
}

/** The pods of a Deployment or a Job. */
export function podOf(manifest: Manifest | undefined): PodSpec {
  return specOf<{ template: { spec: PodSpec } }>(manifest).template.spec;
}

interface Rendered {
  readonly text: string;
  /** What it said of why it would not; empty: it did. */
  readonly refusal: string;
}

/** What a program prints, or why it does not; undefined where the machine does not have it. */
export function tryToRender(program: 'kubectl' | 'helm', ...options: string[]): Rendered | undefined {
  // `npm test` finds Helm where it is not on the path.
  const path = (program === 'helm' ? process.env['MAAS_TEST_HELM'] : undefined) ?? program;
  const { error, status, stdout, stderr } = spawnSync(path, options, { encoding: 'utf8', timeout: 60_000 });
  if (error && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  const refusal = status === 0 ? '' : stderr || `ended by ${status}`;
  return { text: stdout, refusal };
}

/** What a program prints; undefined where the machine does not have it. */
export function render(program: 'kubectl' | 'helm', ...options: string[]): string | undefined {
  const rendered = tryToRender(program, ...options);
  if (rendered?.refusal) throw new Error(`${program} ${options.join(' ')}: ${rendered.refusal}`);
  return rendered?.text;
}

/** The chart as `helm template` renders it, with `--set` for each value, for a cluster that has further types of objects. */
export function renderChart(values: readonly string[], namespace = 'maas', types: readonly string[] = []) {
  const set = values.flatMap((value) => ['--set', value]);
  const cluster = ['--kube-version', '1.31.0', ...types.flatMap((type) => ['--api-versions', type])];
  return tryToRender('helm', 'template', 'maas', chartFolder, '-n', namespace, ...cluster, ...set);
}

/** The chart as `helm template` renders it with a file of values, whose types are YAML's. */
export function renderChartWith(file: string) {
  const folder = mkdtempSync(join(tmpdir(), 'maas-values-'));
  try {
    writeFileSync(join(folder, 'values.yaml'), file);
    const options = ['-n', 'maas', '--kube-version', '1.31.0', '-f', join(folder, 'values.yaml')];
    return tryToRender('helm', 'template', 'maas', chartFolder, ...options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The values of the chart by which it is the same as an overlay of the kustomization. */
export const overlays: readonly [overlay: string, values: readonly string[]][] = [
  ['kubernetes', ['exposure=httpRoute']],
  ['openshift', ['exposure=route']],
  ['cluster-models', ['kserve.enabled=true', 'tiersConfigMap=tier-to-group-mapping']],
  ['cluster-tokens', ['tokenIssuer=serviceaccount', 'accessReviews=true']],
];

/** The settings of the kustomization's ConfigMap, as its file has them. */
export function settingsInBase(): Record<string, string> {
  const lines = readFileSync(join(deployFolder, 'kustomize/base/settings.env'), 'utf8').split('\n');
  const set = lines.filter((line) => /^\w/.test(line)).map((line) => /^(\w+)=(.*)$/.exec(line) ?? []);
  return Object.fromEntries(set.map(([, name, value]) => [name, value])) as Record<string, string>;
}

/** The settings of the rendered ConfigMap, whose name kustomize gives a digest. */
export function settingsIn(objects: readonly Manifest[]): Record<string, string> {
  const config = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && /^maas(-\w{10})?$/.test(metadata.name));
  return (config as { data?: Record<string, string> } | undefined)?.data ?? {};
}
