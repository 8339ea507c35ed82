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
  /** The rows are those of what was asked for before. */
  stale?: boolean;
  retry: () => void;
  more?: { load: () => void; pending: boolean; error: Error | null } | undefined;
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
  const rows = list.data?.pages.flatMap((page) => page.data);
  const stale = list.isPlaceholderData;
  return {
    // That there was nothing of another kind says nothing of this.
    rows: stale && rows?.length === 0 ? undefined : rows,
    error: list.error,
    stale,
    retry: () => void list.refetch(),
    more: list.hasNextPage
      ? {
          load: () => void list.fetchNextPage(),
          pending: list.isFetchingNextPage,
          error: list.isFetchNextPageError ? list.error : null,
        }
      : undefined,
  };
}
