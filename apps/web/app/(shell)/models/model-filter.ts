import type { ListedModel } from '@maas/contracts/models';

interface ModelFilter {
  /** Part of the id, the name or the description; upper and lower case are the same. */
  search: string;
  readiness: 'ready' | 'unready' | null;
  capability: string | null;
}

/** The models that fit all of a filter, in their order. */
export function filterModels(models: readonly ListedModel[], filter: ModelFilter): ListedModel[] {
  const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean);
  return models.filter((model) => {
    if (filter.readiness !== null && model.ready !== (filter.readiness === 'ready')) return false;
    if (filter.capability !== null && !model.capabilities?.includes(filter.capability)) return false;
    const text = `${model.id} ${model.name} ${model.description ?? ''}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** All capabilities that any of the models has, in the order of the alphabet. */
export function capabilitiesOf(models: readonly ListedModel[]): string[] {
  return [...new Set(models.flatMap(({ capabilities }) => capabilities ?? []))].sort();
}

/** Whether one can talk to a model. What says nothing of what it can do is taken for one that answers. */
export function canChat({ capabilities = [] }: Pick<ListedModel, 'capabilities'>): boolean {
  return capabilities.length === 0 || capabilities.includes('chat') || !capabilities.includes('embeddings');
}
