import { randomUUID } from 'node:crypto';

export interface ObjectMeta {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  readonly creationTimestamp: string;
  readonly annotations?: Record<string, string>;
}

/** An object as the API server keeps it. */
export interface StoredObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [part: string]: unknown;
}

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

interface HistoricEvent {
  readonly type: EventType;
  readonly path: string;
  readonly object: StoredObject;
}

/** What is applied; the server adds the rest of the metadata. */
export interface AppliedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Partial<ObjectMeta> & { readonly name: string };
  readonly [part: string]: unknown;
}

const plurals: Record<string, string> = {
  LLMInferenceService: 'llminferenceservices',
  InferenceService: 'inferenceservices',
  ConfigMap: 'configmaps',
};

/** What is in a cluster and how it came to be, in one sequence of versions, as etcd keeps it. */
export class ClusterHistory {
  private version = 1000;
  private oldest = 0;
  private readonly objects = new Map<string, StoredObject>();
  private readonly events: HistoricEvent[] = [];
  private readonly unknown = new Set<string>();
  private tell: (type: EventType, object: StoredObject, path: string) => void = () => undefined;

  get position(): number {
    return this.version;
  }

  follow(tell: (type: EventType, object: StoredObject, path: string) => void): void {
    this.tell = tell;
  }

  /** Takes a kind's definition away, or brings it back: `inferenceservices`. */
  define(plural: string, isKnown: boolean): void {
    if (isKnown) this.unknown.delete(plural);
    else this.unknown.add(plural);
  }

  knows(path: string): boolean {
    const plural = path.split('/').at(-1) ?? '';
    return Object.values(plurals).includes(plural) && !this.unknown.has(plural);
  }

  /** Makes the object, or changes it. A change of the specification is a new generation. */
  apply({ metadata, ...parts }: AppliedObject): StoredObject {
    const namespace = metadata.namespace ?? 'default';
    const path = pathOf(parts, namespace);
    const key = `${path}/${metadata.name}`;
    const before = this.objects.get(key);
    const isChanged = before && JSON.stringify(before['spec']) !== JSON.stringify(parts['spec']);
    const object: StoredObject = {
      ...parts,
      metadata: {
        uid: before?.metadata.uid ?? randomUUID(),
        creationTimestamp: before?.metadata.creationTimestamp ?? new Date().toISOString().replace(/\.\d+/, ''),
        generation: (before?.metadata.generation ?? 1) + (isChanged ? 1 : 0),
        ...metadata,
        namespace,
        resourceVersion: String((this.version += 1)),
      },
    };
    this.objects.set(key, object);
    this.happen(before ? 'MODIFIED' : 'ADDED', path, object);
    return object;
  }

  remove(kind: string, namespace: string, name: string): void {
    for (const [key, object] of this.objects) {
      const { metadata } = object;
      if (object.kind !== kind || metadata.namespace !== namespace || metadata.name !== name) continue;
      this.objects.delete(key);
      const gone = { ...object, metadata: { ...metadata, resourceVersion: String((this.version += 1)) } };
      this.happen('DELETED', pathOf(object, namespace), gone);
      return;
    }
    throw new Error(`there is no ${kind} ${namespace}/${name}`);
  }

  /** Something else in the cluster changes. */
  advance(): void {
    this.version += 1;
  }

  /** Forgets what happened until now: who wants to go on from earlier is told that it is gone. */
  compact(): void {
    this.oldest = this.version;
    this.events.splice(0);
  }

  /** One page; undefined: the list that it continues is no longer to be had. */
  list(
    path: string,
    fieldSelector: string | null,
    page: { limit: number; continue: string | null },
  ): object | undefined {
    const name = /^metadata\.name=(.+)$/.exec(fieldSelector ?? '')?.[1];
    const all = [...this.objects.values()]
      .filter((object) => this.holds(path, pathOf(object, object.metadata.namespace), object))
      .filter(({ metadata }) => name === undefined || metadata.name === name);
    const [version = this.version, start = 0] = page.continue?.split('-').map(Number) ?? [];
    if (page.continue !== null && version < this.oldest) return undefined;
    const items = all.slice(start, start + page.limit);
    const left = all.length - start - items.length;
    const more = left > 0 ? { continue: `${version}-${start + items.length}`, remainingItemCount: left } : {};
    const kind = Object.entries(plurals).find(([, plural]) => path.endsWith(`/${plural}`))?.[0] ?? '';
    return {
      kind: `${kind}List`,
      apiVersion: versionOf(path),
      metadata: { resourceVersion: String(version), ...more },
      items,
    };
  }

  /** What happened after a version; undefined: that is no longer known. */
  since(path: string, version: number): HistoricEvent[] | undefined {
    if (version < this.oldest) return undefined;
    return this.events.filter(
      (event) => Number(event.object.metadata.resourceVersion) > version && this.holds(path, event.path, event.object),
    );
  }

  /** Whether a list or watch of one path has an object of another. */
  holds(path: string, ofObject: string, { metadata }: StoredObject): boolean {
    return path === ofObject || path === ofObject.replace(`/namespaces/${metadata.namespace}`, '');
  }

  bookmarkOf(path: string): object {
    const kind = Object.entries(plurals).find(([, plural]) => path.endsWith(`/${plural}`))?.[0];
    const metadata = { resourceVersion: String(this.version), creationTimestamp: null };
    return { kind, apiVersion: versionOf(path), metadata };
  }

  private happen(type: EventType, path: string, object: StoredObject): void {
    this.events.push({ type, path, object });
    this.tell(type, object, path);
  }
}

function pathOf({ apiVersion, kind }: Pick<StoredObject, 'apiVersion' | 'kind'>, namespace: string): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${root}/namespaces/${namespace}/${plurals[kind]}`;
}

function versionOf(path: string): string {
  const [, root, first = '', second = ''] = path.split('/');
  return root === 'api' ? first : `${first}/${second}`;
}
