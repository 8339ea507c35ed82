import { type InfiniteData, useInfiniteQuery } from '@tanstack/react-query';
import { api, type Call } from './api';
import { every } from './query-client';

/** One page of a list of the API (contracts/paging). */
export interface Page<Row> {
  data: Row[];
  has_more: boolean;
  next_cursor: string | null;
}

/** A list of more pages than this is not asked for again by itself. */
const REFRESHED_PAGES = 3;

/** What `DataTable` needs to know of a list, wherever its rows come from. */
export interface ListState<Row> {
  rows: Row[] | undefined;
  error: Error | null;
  /** Rows are there and are being asked for again. */
  refreshing: boolean;
  retry: () => void;
  more?: { load: () => void; pending: boolean } | undefined;
}

/**
 * A list of the API, page by page. Filters and sorting are part of `query`, hence of the key.
 * @param refreshSeconds asks again every so often; absent: only when something has changed
 */
export function useCursorList<Row>(
  path: string,
  query: NonNullable<Call['query']> = {},
  refreshSeconds?: number,
): ListState<Row> {
  const list = useInfiniteQuery({
    queryKey: [path, query],
    queryFn: ({ pageParam, signal }) => api.get<Page<Row>>(path, { query: { ...query, after: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    ...(refreshSeconds !== undefined && {
      ...every(refreshSeconds),
      // Page after page would be asked for again, while somebody reads far down.
      refetchInterval: ({ state }: { state: { data?: InfiniteData<Page<Row>> | undefined } }) =>
        (state.data?.pages.length ?? 0) <= REFRESHED_PAGES && refreshSeconds * 1000,
    }),
  });
  return {
    rows: list.data?.pages.flatMap((page) => page.data),
    error: list.error,
    refreshing: list.isFetching && !list.isPending,
    retry: () => void list.refetch(),
    more: list.hasNextPage ? { load: () => void list.fetchNextPage(), pending: list.isFetchingNextPage } : undefined,
  };
}
