import type { AppliedObject, ObjectMeta } from './cluster-history.js';

interface Served {
  readonly namespace?: string;
  readonly name: string;
  readonly url?: string;
  readonly ready?: boolean;
  /** Of `alpha.maas.opendatahub.io/tiers`. */
  readonly tiers?: string;
  readonly annotations?: Record<string, string>;
  /** `spec.model.name`. */
  readonly model?: string;
  readonly metadata?: Partial<ObjectMeta>;
  readonly observedGeneration?: number;
  readonly replicas?: number;
}

const AT = '2026-11-20T08:00:00Z';

function metadataOf({ namespace = 'llm', name, tiers, annotations = {}, metadata = {} }: Served) {
  const all = { ...(tiers === undefined ? {} : { 'alpha.maas.opendatahub.io/tiers': tiers }), ...annotations };
  return { namespace, name, ...(Object.keys(all).length > 0 ? { annotations: all } : {}), ...metadata };
}

function conditionsOf(ready: boolean, parts: readonly string[]): object[] {
  const part = (type: string, status: boolean) => ({
    type,
    status: status ? 'True' : 'False',
    lastTransitionTime: AT,
    ...(status ? {} : { reason: 'Progressing', message: 'the deployment has 0 of 1 replicas' }),
  });
  return [...parts.map((type) => part(type, ready)), part('Ready', ready)];
}

/** As the controller of KServe leaves it behind: the address of a Gateway first, then that within the cluster. */
export function llmInferenceService(served: Served): AppliedObject {
  const { namespace = 'llm', name, url, ready = true, model, observedGeneration = 1, replicas = 1 } = served;
  const addresses = url === undefined ? {} : { addresses: [{ url }, { url: internalUrl(namespace, name) }] };
  return {
    apiVersion: 'serving.kserve.io/v1alpha1',
    kind: 'LLMInferenceService',
    metadata: metadataOf(served),
    spec: {
      model: { uri: 'hf://Qwen/Qwen3-0.6B', ...(model === undefined ? {} : { name: model }) },
      replicas,
      router: { gateway: {}, route: {} },
    },
    status: {
      ...(url === undefined ? {} : { url }),
      ...addresses,
      observedGeneration,
      conditions: conditionsOf(ready, ['PresetsCombined', 'RouterReady', 'WorkloadsReady']),
    },
  };
}

export function internalUrl(namespace: string, name: string): string {
  return `https://${name}-kserve-workload-svc.${namespace}.svc.cluster.local`;
}

/** As KServe has it in its mode without Knative. A service that runs has the condition Stopped, which is False. */
export function inferenceService(served: Served & { args?: string[]; format?: string }): AppliedObject {
  const { namespace = 'llm', name, url, ready = true, observedGeneration = 1, args = [], format = 'vLLM' } = served;
  const internal = `http://${name}-predictor.${namespace}.svc.cluster.local:8080`;
  return {
    apiVersion: 'serving.kserve.io/v1beta1',
    kind: 'InferenceService',
    metadata: metadataOf(served),
    spec: { predictor: { model: { modelFormat: { name: format }, args, storageUri: 'oci://models/qwen3' } } },
    status: {
      ...(url === undefined ? {} : { url, address: { url: internal } }),
      observedGeneration,
      conditions: [
        ...conditionsOf(ready, ['IngressReady', 'PredictorReady']),
        { type: 'Stopped', status: 'False', lastTransitionTime: AT, severity: 'Info' },
      ],
    },
  };
}
