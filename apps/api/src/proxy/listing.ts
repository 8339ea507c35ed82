import type { ListedModel } from '@maas/contracts/models';
import type { RoutableModel } from '../models/routable-model.js';

/**
 * A model as `GET /v1/models` lists it.
 * @param origin where this platform is reached, such as `https://maas.example.com`
 */
export function listedModel(model: RoutableModel, origin: string): ListedModel {
  const base = `${origin}/${model.id}/v1`;
  return {
    id: model.id,
    object: 'model',
    created: model.created,
    owned_by: model.ownedBy,
    name: model.name,
    url: `${base}/chat/completions`,
    tier: model.lowestTier?.name ?? null,
    ready: model.ready,
    ...(model.description === null ? {} : { description: model.description }),
    ...(model.contextWindow === null ? {} : { context_window: model.contextWindow }),
    ...(model.capabilities.length === 0 ? {} : { capabilities: [...model.capabilities] }),
    base_url: base,
  };
}
