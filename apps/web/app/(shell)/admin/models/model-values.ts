import type { CreateModel, Model, UpdateModel } from '@maas/contracts/models';

/** What the form holds. Empty texts and numbers stand for what is not known. */
export type ModelValues = Required<Omit<CreateModel, 'backends'>>;

const fields = [
  'name',
  'description',
  'ownedBy',
  'contextWindow',
  'maxOutputTokens',
  'capabilities',
  'sessionAffinity',
  'enabled',
  'tiers',
] as const satisfies readonly (keyof UpdateModel)[];

const blank: ModelValues = {
  id: '',
  name: '',
  description: null,
  ownedBy: 'maas',
  contextWindow: null,
  maxOutputTokens: null,
  capabilities: ['chat'],
  sessionAffinity: 'none',
  enabled: true,
  tiers: [],
};

export function valuesOf(model: Model | null): ModelValues {
  if (model === null) return blank;
  return { id: model.id, ...Object.fromEntries(fields.map((field) => [field, model[field]])) } as ModelValues;
}

/** What differs from the model that was read, as a PATCH takes it: so that nobody else's change is undone by the way. */
export function changesOf(values: ModelValues, model: Model): UpdateModel {
  const changed = fields.filter((field) => JSON.stringify(values[field]) !== JSON.stringify(model[field]));
  return Object.fromEntries(changed.map((field) => [field, values[field]]));
}
