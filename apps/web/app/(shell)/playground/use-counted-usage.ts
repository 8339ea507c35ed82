import { useQuery } from '@tanstack/react-query';
import type { RequestRow } from '@maas/contracts/requests';
import { api } from '@/lib/api';
import type { Page } from '@/lib/cursor-list';
import { withoutPrevious } from '@/lib/query-client';
import type { Usage } from './answer-frame';
import type { Answer } from './conversation';

/** A request is metered within seconds of its end. */
const RETRIES = 20;
const RETRY_MILLISECONDS = 1000;

interface CountedUsage {
  /** undefined: not known. */
  usage: Usage | undefined;
  /** Whether it is about to be known. */
  counting: boolean;
}

/** What an answer used. Of one that ended before the model said it, what the gateway counted until then. */
export function useCountedUsage({ state, figures }: Answer): CountedUsage {
  const { requestId = '', usage } = figures;
  const asked = usage === undefined && requestId !== '' && (state === 'stopped' || state === 'failed');
  const { data, isError } = useQuery({
    queryKey: ['/usage/requests', 'counted', requestId],
    queryFn: ({ signal }) => countedUsage(requestId, signal),
    enabled: asked,
    ...withoutPrevious,
    staleTime: Number.POSITIVE_INFINITY,
    retry: RETRIES,
    retryDelay: RETRY_MILLISECONDS,
  });
  return asked ? { usage: data, counting: data === undefined && !isError } : { usage, counting: false };
}

/** @throws while the request is not metered */
async function countedUsage(id: string, signal: AbortSignal): Promise<Usage> {
  const { data } = await api.get<Page<RequestRow>>('/usage/requests', { query: { id }, signal });
  const [row] = data;
  if (!row) throw new Error('The request is not metered yet');
  return { prompt: row.promptTokens, completion: row.completionTokens, total: row.totalTokens };
}
