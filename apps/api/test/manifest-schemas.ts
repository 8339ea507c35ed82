import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { z } from 'zod';
import type { Manifest } from './manifest-files.js';

/** Where the published types of an API group are, each with its schema, by the group's name. */
const packages: Readonly<Record<string, string>> = {
  'gateway.networking.k8s.io': '@kubernetes-models/gateway-api',
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
  // What Kubernetes has itself.
  '': 'kubernetes-models',
  apps: 'kubernetes-models',
  autoscaling: 'kubernetes-models',
  batch: 'kubernetes-models',
  policy: 'kubernetes-models',
  'networking.k8s.io': 'kubernetes-models',
  'rbac.authorization.k8s.io': 'kubernetes-models',
};

/**
 * OpenShift's Route has no published schema among npm's packages that comes without an outdated client. These are the fields
 * that its API documentation names, written by hand: what it does not name is refused.
 */
const Route = z.strictObject({
  apiVersion: z.literal('route.openshift.io/v1'),
  kind: z.literal('Route'),
  metadata: z.strictObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
  spec: z.strictObject({
    host: z.string().optional(),
    path: z.string().startsWith('/').optional(),
    to: z.strictObject({
      kind: z.literal('Service'),
      name: z.string(),
      weight: z.int().min(0).max(256).optional(),
    }),
    port: z.strictObject({ targetPort: z.union([z.string(), z.int()]) }).optional(),
    tls: z
      .strictObject({
        termination: z.enum(['edge', 'passthrough', 'reencrypt']),
        insecureEdgeTerminationPolicy: z.enum(['Allow', 'None', 'Redirect']).optional(),
      })
      .optional(),
    wildcardPolicy: z.enum(['None', 'Subdomain']).optional(),
  }),
});

/** The module that has a manifest's type; undefined: no such type is published there. */
function moduleOf({ apiVersion, kind }: Manifest): string | undefined {
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  const name = packages[group];
  return name === undefined ? undefined : [name, group, version, kind].filter((part) => part !== '').join('/');
}

/**
 * What is wrong with each of the manifests: by the schema of its type (types, required fields, values, patterns), and fields
 * that the type does not have, at any depth.
 */
export async function problemsOf(manifests: readonly Manifest[]): Promise<string[]> {
  const violations = await Promise.all(manifests.map(schemaViolations));
  return [...violations.flat(), ...unknownFields(manifests)];
}

const say = ({ kind, metadata: { name } }: Manifest, problem: string) => `${kind} ${name}: ${problem}`;

type ModelClass = new (data: Manifest) => { validate(): void };

async function schemaViolations(manifest: Manifest): Promise<string[]> {
  if (manifest.apiVersion === 'route.openshift.io/v1') {
    const issues = Route.safeParse(manifest).error?.issues ?? [];
    return issues.map(({ path, message }) => say(manifest, `${path.join('.')} ${message}`));
  }
  const module = moduleOf(manifest);
  try {
    if (module === undefined) throw new Error(`no schema is known for ${manifest.apiVersion}`);
    const models = (await import(module)) as Record<string, ModelClass>;
    const Model = models[manifest.kind];
    if (!Model) throw new Error(`${module} has no such type`);
    new Model(manifest).validate();
    return [];
  } catch (error) {
    return [say(manifest, error instanceof Error ? error.message : String(error))];
  }
}

/** By the compiler, for which an object literal may only have the fields of its type. */
function unknownFields(manifests: readonly Manifest[]): string[] {
  const folder = dirname(fileURLToPath(import.meta.url));
  const files = new Map(
    manifests.flatMap((manifest, index) => {
      const module = moduleOf(manifest);
      if (module === undefined) return [];
      const text = `import type { I${manifest.kind} } from '${module}';\nexport const manifest: I${manifest.kind} = ${JSON.stringify(manifest)};\n`;
      return [[join(folder, `manifest-${index}.ts`), { manifest, text }]];
    }),
  );
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.getSourceFile = (name, language, ...rest) => {
    const made = files.get(name);
    return made ? ts.createSourceFile(name, made.text, language) : getSourceFile(name, language, ...rest);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files].flatMap(([name, { manifest }]) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(name))
      .map(({ messageText }) =>
        say(manifest, ts.flattenDiagnosticMessageText(messageText, ' ').replaceAll(/'"|"'/g, "'")),
      ),
  );
}
