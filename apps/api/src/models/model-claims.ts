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

/**
 * Which object a model id belongs to: what an administrator registered comes first, then what is in service, then the oldest
 * object.
 * @param registered ids of models that are kept by hand
 * @param held by id: the objects that cannot be read any more, whose models stay in service
 */
export function settleClaims(
  found: readonly KServeModel[],
  registered: ReadonlySet<string>,
  held: ReadonlyMap<string, string> = new Map(),
): { taken: KServeModel[]; refusals: Refusal[] } {
  const holders = new Map<string, KServeModel>();
  const refusals: Refusal[] = [];
  for (const model of found.toSorted(byAge)) {
    const object = shownObject(model);
    const holder = holders.get(model.id);
    const unreadable = held.get(model.id);
    if (registered.has(model.id)) {
      const problem = `there is a model with the id ${model.id} that was registered here; delete that one, or name this one otherwise`;
      refusals.push({ object, problem });
    } else if (unreadable !== undefined) {
      const problem = `the id ${model.id} is that of ${unreadable}, which cannot be read any more and stays in service`;
      refusals.push({ object, problem });
    } else if (holder) {
      refusals.push({ object, problem: `the id ${model.id} is that of ${shownObject(holder)}, which is older` });
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
