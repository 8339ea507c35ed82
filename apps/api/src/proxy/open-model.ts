import { ApiError } from '../http/api-error.js';
import type { RoutableModel } from '../models/routable-model.js';
import { noSuchModel } from './inference-path.js';

/**
 * The model of that id, for somebody of that tier.
 * @param model what was found by the id
 * @throws ApiError 404 when there is none, 403 when it is for other tiers
 */
export function openModel(model: RoutableModel | undefined, id: string, tier: string): RoutableModel {
  if (!model) throw noSuchModel(id);
  if (model.tiers.has(tier)) return model;
  throw new ApiError('access_denied', {
    message: `Insufficient permissions for this model: \`${id}\` is not open to the tier ${tier}`,
    param: 'model',
  });
}
