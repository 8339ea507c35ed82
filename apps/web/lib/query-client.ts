import { keepPreviousData, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError } from './api-error';

/** Shows what it has while it asks again; asks again only where that can help. */
export function createQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      // Whether it is the server that is away is found out, and said, by one query: that of the session.
      onError: (error, { queryKey }) => {
        if (isPassing(error) && queryKey[0] !== '/me') void client.invalidateQueries({ queryKey: ['/me'] });
      },
    }),
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
  return client;
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
