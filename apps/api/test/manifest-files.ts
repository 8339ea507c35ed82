import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dumpYaml, loadAllYaml, loadYaml } from '@kubernetes/client-node';

export const deployFolder = fileURLToPath(new URL('../../../deploy/', import.meta.url));

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

/** What a program prints; undefined where the machine does not have it. */
export function render(program: 'kubectl' | 'helm', ...options: string[]): string | undefined {
  const { error, status, stdout, stderr } = spawnSync(program, options, { encoding: 'utf8', timeout: 60_000 });
  if (error && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  if (status !== 0) throw new Error(`${program} ${options.join(' ')}: ${stderr}`);
  return stdout;
}
