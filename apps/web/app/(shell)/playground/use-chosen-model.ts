import { useQuery } from '@tanstack/react-query';
import { parseAsString, useQueryState } from 'nuqs';
import type { ListedModel } from '@maas/contracts/models';
import { modelsQuery } from '@/lib/models';
import { canChat } from '../models/model-filter';

/** The models that one can talk to, and the one that the URL names; without one, the first. */
export function useChosenModel() {
  const [named, setNamed] = useQueryState('model', parseAsString);
  const { data, error, refetch } = useQuery(modelsQuery);
  const models: readonly ListedModel[] | undefined = data?.data.filter(canChat);
  const id = named ?? models?.find(({ ready }) => ready)?.id ?? models?.[0]?.id ?? null;
  return {
    models,
    error: data ? null : error,
    retry: () => void refetch(),
    id,
    model: models?.find((model) => model.id === id),
    choose: (next: string) => void setNamed(next),
  };
}
