import { z } from 'zod';
import { BackendUrl, ModelId } from '@maas/contracts/models';

/** The kinds of KServe that serve a model (serving.kserve.io/v1alpha1 and v1beta1). */
export type KServeKind = 'LLMInferenceService' | 'InferenceService';

/** Which of its addresses a model is reached by. */
export type AddressChoice = 'external' | 'internal';

/** A model as an object of KServe describes it. */
export interface KServeModel {
  readonly id: string;
  readonly kind: KServeKind;
  readonly namespace: string;
  readonly objectName: string;
  readonly uid: string;
  readonly name: string;
  readonly description: string | null;
  /** Unix milliseconds. */
  readonly createdAt: number;
  /** The tiers that may use it, by name; `as before`: what is written cannot be read. */
  readonly tiers: 'all' | 'as before' | readonly string[];
  /** `as before`: the controller has not looked at the newest specification yet. */
  readonly readiness: 'ready' | 'not ready' | 'as before';
  /** Why it is not ready. */
  readonly note: string | null;
  /** The base of OpenAI's paths; null: there is none yet. */
  readonly url: string | null;
  /** What the server calls the model, where that is not its id. */
  readonly upstreamModel: string | null;
  /** What of the object cannot be followed. */
  readonly problems: readonly string[];
}

const text = z.string().nullish();
const listOf = <Schema extends z.ZodType>(schema: Schema) =>
  z
    .array(schema)
    .nullish()
    .transform((list) => list ?? []);

/**
 * As much as is read of either kind. What may be absent may be null; what is there in another form makes the whole object
 * unreadable, lest half of it be followed.
 */
const Served = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string().default(''),
    uid: z.string().default(''),
    generation: z.number().optional(),
    creationTimestamp: text,
    deletionTimestamp: text,
    annotations: z.record(z.string(), z.string()).nullish(),
  }),
  spec: z
    .object({
      model: z.object({ name: text }).nullish(),
      predictor: z
        .object({
          model: z
            .object({ runtime: text, modelFormat: z.object({ name: text }).nullish(), args: listOf(z.string()) })
            .nullish(),
          containers: listOf(z.object({ args: listOf(z.string()) })),
        })
        .nullish(),
    })
    .nullish(),
  status: z
    .object({
      url: text,
      address: z.object({ url: text }).nullish(),
      addresses: listOf(z.object({ url: text })),
      observedGeneration: z.number().nullish(),
      conditions: listOf(z.object({ type: z.string(), status: z.string(), reason: text, message: text })),
    })
    .nullish(),
});
type Served = z.infer<typeof Served>;

const TIERS = 'alpha.maas.opendatahub.io/tiers';
const DISPLAY_NAME = 'openshift.io/display-name';
const DESCRIPTION = 'openshift.io/description';

/** @returns the model, or why the object cannot be one */
export function kserveModel(
  kind: KServeKind,
  object: unknown,
  choice: AddressChoice,
): { model: KServeModel } | { problem: string } {
  const served = Served.safeParse(object);
  if (!served.success) return { problem: `it is not as KServe describes its objects: ${shownIssue(served.error)}` };
  const { metadata, spec } = served.data;
  const wished = kind === 'LLMInferenceService' ? spec?.model?.name || metadata.name : metadata.name;
  const id = ModelId.safeParse(wished);
  if (!id.success) return { problem: `"${wished}" cannot be the id of a model: ${id.error.issues[0]?.message}` };
  const annotations = metadata.annotations ?? {};
  const tiers = tiersOf(annotations[TIERS]) ?? 'as before';
  return {
    model: {
      id: id.data,
      kind,
      namespace: metadata.namespace,
      objectName: metadata.name,
      uid: metadata.uid,
      name: cut(annotations[DISPLAY_NAME]?.trim(), 200) || id.data,
      description: cut(annotations[DESCRIPTION]?.trim(), 2000) || null,
      createdAt: Date.parse(metadata.creationTimestamp ?? '') || 0,
      tiers,
      ...readinessOf(served.data, choice, kind),
      upstreamModel: upstreamNameOf(served.data, id.data),
      problems:
        tiers === 'as before'
          ? [
              `the annotation ${TIERS} must be a JSON list of tiers, such as ["premium"]; until it is one, the model is open to those that it was open to before, if any`,
            ]
          : [],
    },
  };
}

/** Such as `status.conditions: Invalid input: expected array, received string`. */
function shownIssue({ issues: [issue] }: z.ZodError): string {
  return issue ? `${issue.path.join('.')}: ${issue.message}` : 'it is invalid';
}

/** PostgreSQL keeps no NUL in a text, and no half of a pair of surrogates in JSON. */
function isStorable(name: string): boolean {
  return name.isWellFormed() && !name.includes('\0');
}

/** Without half of a pair of surrogates at its end. */
function cut(words: string | undefined, longest: number): string {
  return (words ?? '').slice(0, longest).toWellFormed();
}

/** `[]` is all tiers, a list is those, no annotation is none; undefined: it is no such list. */
function tiersOf(annotation: string | undefined): 'all' | string[] | undefined {
  if (annotation === undefined) return [];
  try {
    const names = z.array(z.string().min(1).refine(isStorable)).max(1000).parse(JSON.parse(annotation));
    return names.length === 0 ? 'all' : [...new Set(names)];
  } catch {
    return undefined;
  }
}

function readinessOf(served: Served, choice: AddressChoice, kind: KServeKind) {
  const url = urlOf(served, choice, kind);
  const standing = (readiness: KServeModel['readiness'], note: string | null) => ({ url, readiness, note });
  const { metadata, status } = served;
  if (metadata.deletionTimestamp) return standing('not ready', 'It is being deleted');
  const ready = status?.conditions.find(({ type }) => type === 'Ready');
  const { generation = 0 } = metadata;
  if ((status?.observedGeneration ?? generation) < generation) {
    return standing('as before', 'KServe has not looked at the newest specification yet');
  }
  if (!ready) return standing('not ready', 'KServe has not said yet whether it is ready');
  if (ready.status !== 'True') {
    const why = [ready.reason, ready.message].filter(Boolean).join(': ');
    return standing('not ready', `KServe says that it is not ready${why && ` (${cut(why, 300)})`}`);
  }
  if (url === null) return standing('not ready', 'KServe names no address of it that can be used');
  return standing('ready', null);
}

/** Other conditions than Ready may be False while all is well, such as Stopped; Ready is what they come to. */
function urlOf({ spec, status }: Served, choice: AddressChoice, kind: KServeKind): string | null {
  const all = [status?.url, status?.address?.url, ...(status?.addresses ?? []).map(({ url }) => url)].filter(
    (url) => typeof url === 'string',
  );
  const internal =
    choice === 'internal' ? all.find((url) => /\.svc(?:\.|$)/.test(URL.parse(url)?.hostname ?? '')) : undefined;
  const chosen = (internal ?? all[0])?.replace(/\/+$/, '');
  if (chosen === undefined) return null;
  const path = kind === 'InferenceService' ? pathOf(spec) : '/v1';
  return BackendUrl.safeParse(chosen.endsWith('/v1') ? chosen : `${chosen}${path}`).data ?? null;
}

/** KServe's own server for Hugging Face has OpenAI's paths beneath a prefix; vLLM and the others do not. */
function pathOf(spec: Served['spec']): string {
  const { runtime, modelFormat } = spec?.predictor?.model ?? {};
  const isOwn = runtime == null ? modelFormat?.name === 'huggingface' : runtime.startsWith('kserve-huggingfaceserver');
  return isOwn ? '/openai/v1' : '/v1';
}

/** Both servers can be told to call the model otherwise than the object is called. */
function upstreamNameOf({ spec }: Served, id: string): string | null {
  const predictor = spec?.predictor;
  const options = [...(predictor?.model?.args ?? []), ...(predictor?.containers[0]?.args ?? [])];
  for (const [index, option] of options.entries()) {
    const [, inline] = /^--(?:model_name|model-name|served-model-name)(?:=(.*))?$/s.exec(option) ?? [undefined, null];
    if (inline === null) continue;
    const name = inline ?? options[index + 1];
    return name && name !== id && name.length <= 256 ? name : null;
  }
  return null;
}
