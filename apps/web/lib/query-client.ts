import { keepPreviousData, QueryClient } from '@tanstack/react-query';
import { ApiError } from './api-error';

/** Shows what it has while it asks again; asks again only where that can help. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        placeholderData: keepPreviousData,
        retry: (failures, error) => failures < 2 && isPassing(error),
        throwOnError: false,
      },
      mutations: { retry: false },
    },
  });
}

function isPassing(error: Error): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status === 502 || error.status === 503);
}

/** Options of a query that asks again every so many seconds, but not while its page is hidden. */
export function every(seconds: number) {
  return { refetchInterval: seconds * 1000, refetchIntervalInBackground: false } as const;
}

/** Options of a query that shows nothing, rather than what it had for something else, until it has what it was asked for. */
export const withoutPrevious = { placeholderData: () => undefined } as const;
