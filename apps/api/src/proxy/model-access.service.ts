import { Inject, Injectable } from '@nestjs/common';
import { AccessReviews, type Subject } from '../auth/access-reviews.service.js';
import { ApiError } from '../http/api-error.js';
import { inParallel } from './in-parallel.js';

/** Questions of one list at once: others want answers too. */
const AT_ONCE = 8;

/** Lets the cluster have a say in who uses which model, besides the tiers. Without the setting it costs nothing. */
@Injectable()
export class ModelAccess {
  constructor(@Inject(AccessReviews) private readonly reviews: AccessReviews) {}

  /** Whether somebody has to be asked about. */
  concerns(person: Subject): boolean {
    return this.reviews.concerns(person);
  }

  /**
   * Passes a model on to whom the cluster lets use it. A promise only where it has to be asked.
   * @throws ApiError, also by the promise: 403, or 503 when it cannot be asked
   */
  require<Model extends { readonly id: string }>(person: Subject, model: Model): Model | Promise<Model> {
    if (!this.reviews.concerns(person)) return model;
    const decide = (allowed: boolean): Model => {
      if (allowed) return model;
      const hint = this.reviews.isOutdated(person)
        ? 'your groups are not known any more, so sign in again'
        : 'ask your administrator';
      throw new ApiError('access_denied', {
        message: `Insufficient permissions for this model: the cluster does not let you use \`${model.id}\`; ${hint}`,
        param: 'model',
      });
    };
    const allowed = this.reviews.mayUse(person, model.id);
    return allowed instanceof Promise ? allowed.then(decide) : decide(allowed);
  }

  /** Those that the cluster lets somebody use. @throws ApiError 503 when it cannot be asked */
  async among<Model extends { readonly id: string }>(person: Subject, models: readonly Model[]): Promise<Model[]> {
    const allowed = await inParallel(models, AT_ONCE, async ({ id }) => this.reviews.mayUse(person, id));
    return models.filter((_, index) => allowed[index]);
  }
}
