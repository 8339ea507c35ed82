import type { KServeModel } from './kserve-model.js';

/** Something of an object that cannot be followed. */
export interface Refusal {
  readonly object: string;
  readonly problem: string;
}

/** How an object is spoken of, such as `LLMInferenceService llm/qwen3`. */
export function shownObject({ kind, namespace, objectName }: Pick<KServeModel, 'kind' | 'namespace' | 'objectName'>) {
  return `${kind} ${namespace}/${objectName}`;
}

/** What has the ids that are in service. */
export interface InService {
  /** By id: the `uid` of the object that the model follows. */
  readonly followed: ReadonlyMap<string, string>;
  /** By id: why nobody else gets it, though its object is not among those that were found. */
  readonly kept: ReadonlyMap<string, string>;
}

/**
 * Which object a model id belongs to: what an administrator registered comes first, then what is in service, then the oldest
 * object.
 * @param registered ids of models that are kept by hand
 */
export function settleClaims(
  found: readonly KServeModel[],
  registered: ReadonlySet<string>,
  { followed, kept }: InService,
): { taken: KServeModel[]; refusals: Refusal[] } {
  const holders = new Map<string, KServeModel>();
  const refusals: Refusal[] = [];
  const serves = ({ id, uid }: KServeModel) => followed.get(id) === uid;
  for (const model of found.toSorted((a, b) => Number(serves(b)) - Number(serves(a)) || byAge(a, b))) {
    const object = shownObject(model);
    const holder = holders.get(model.id);
    const why = kept.get(model.id);
    if (registered.has(model.id)) {
      const problem = `there is a model with the id ${model.id} that was registered here; delete that one, or name this one otherwise`;
      refusals.push({ object, problem });
    } else if (why !== undefined) refusals.push({ object, problem: `the id ${model.id} is that of ${why}` });
    else if (holder) {
      const reason = serves(holder) ? 'in service' : 'older';
      refusals.push({ object, problem: `the id ${model.id} is that of ${shownObject(holder)}, which is ${reason}` });
    } else holders.set(model.id, model);
  }
  return { taken: [...holders.values()], refusals };
}

function byAge(a: KServeModel, b: KServeModel): number {
  return a.createdAt - b.createdAt || (shownObject(a) < shownObject(b) ? -1 : 1);
}

/**
 * The tiers of a model, of those that there are.
 * @param wished by name
 * @param known by name
 */
export function tiersOf(
  wished: 'all' | readonly string[],
  known: readonly string[],
): { open: string[]; missing: string[] } {
  if (wished === 'all') return { open: [...known].sort(), missing: [] };
  return {
    open: wished.filter((name) => known.includes(name)).sort(),
    missing: wished.filter((name) => !known.includes(name)).sort(),
  };
}
