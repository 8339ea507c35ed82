import { api, type Call } from './api';
import type { Page } from './cursor-list';

const LARGEST_PAGE = 100;

/** All rows of a list, however many pages it has: for lists that are short by nature, such as the tiers. */
export async function readAll<Row>(path: string, { query, signal }: Pick<Call, 'query' | 'signal'>): Promise<Row[]> {
  const rows: Row[] = [];
  for (let after: string | null | undefined; after !== null;) {
    const page = await api.get<Page<Row>>(path, {
      query: { ...query, limit: LARGEST_PAGE, after },
      ...(signal && { signal }),
    });
    rows.push(...page.data);
    after = page.next_cursor;
  }
  return rows;
}
