import { queryOptions } from '@tanstack/react-query';
import type { Model } from '@maas/contracts/models';
import { api } from '@/lib/api';
import { every, withoutPrevious } from '@/lib/query-client';

const REFRESH_SECONDS = 5;

/** The path of a model; its id can hold a slash. */
export function modelPath(id: string): string {
  return `/admin/models/${encodeURIComponent(id)}`;
}

/** A model and how its backends stand at the moment. */
export function modelQuery(id: string) {
  return queryOptions({
    queryKey: ['/admin/models', 'one', id],
    queryFn: ({ signal }) => api.get<Model>(modelPath(id), { signal }),
    ...withoutPrevious,
    ...every(REFRESH_SECONDS),
  });
}
