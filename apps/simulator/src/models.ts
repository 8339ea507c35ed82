import type { Model } from 'openai/resources/models';
import { modelNotFound } from './api-error.js';

/** Listed when nothing else is configured. */
const DEFAULT_MODELS: readonly string[] = ['simulator', 'qwen3'];

/** 1 January 2025, so that the list is the same at every start. */
const CREATED = 1_735_689_600;

/** The models of this server. */
export class ModelCatalogue {
  readonly #configured: ReadonlySet<string> | undefined;

  /** @param models the ids that are served; without them every id is, and the default ones are listed */
  constructor(models?: readonly string[]) {
    this.#configured = models && new Set(models);
  }

  list(): { object: 'list'; data: Model[] } {
    return { object: 'list', data: [...(this.#configured ?? DEFAULT_MODELS)].map(describe) };
  }

  /** @throws ApiError 404 for a model that is not served */
  get(id: string): Model {
    this.require(id);
    return describe(id);
  }

  /** @throws ApiError 404 for a model that is not served */
  require(id: string): void {
    if (this.#configured && !this.#configured.has(id)) throw modelNotFound(id);
  }
}

function describe(id: string): Model {
  return { id, object: 'model', created: CREATED, owned_by: 'simulator' };
}
