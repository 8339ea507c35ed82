import { ApiError } from '../http/api-error.js';

/**
 * Makes one page out of `limit + 1` rows: the row too many says that there is more.
 * @param cursorOf what the next page continues after: the sort key of the last row of this one
 */
export function page<Row, Shown>(
  rows: Row[],
  limit: number,
  cursorOf: (row: Row) => string,
  show: (row: Row) => Shown,
): { object: 'list'; data: Shown[]; has_more: boolean; next_cursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const hasMore = rows.length > limit;
  return {
    object: 'list',
    data: shown.map(show),
    has_more: hasMore,
    next_cursor: hasMore && last !== undefined ? Buffer.from(cursorOf(last)).toString('base64url') : null,
  };
}

/**
 * Reads what `page` gave as `next_cursor`.
 * @throws ApiError 400 when it is none of ours
 */
export function readCursor(after: string | undefined, grammar: RegExp): string | undefined {
  if (after === undefined) return undefined;
  const cursor = Buffer.from(after, 'base64url').toString();
  if (grammar.test(cursor)) return cursor;
  throw new ApiError('invalid_request', {
    message: 'after is not a cursor of this list; use next_cursor',
    param: 'after',
  });
}

export const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
