import { queryOptions } from '@tanstack/react-query';
import type { ListedModel, ModelList } from '@maas/contracts/models';
import { api } from './api';

/** The models that the person may use: ready first, then by the level of the tier, then by id. */
export const modelsQuery = queryOptions({
  queryKey: ['/models'],
  queryFn: ({ signal }) => api.get<ModelList>('/models', { signal }),
  staleTime: 30_000,
});

/** The model for a first try; null when none is open to the person. */
export const firstModelQuery = queryOptions({
  ...modelsQuery,
  select: ({ data }): ListedModel | null => data[0] ?? null,
});
