/** What is wrong with the value of a list's field: with the list, or the first of its entries that is wrong. */
export function messageOfList(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('message' in error && typeof error.message === 'string') return error.message;
  return Object.values(error).map(messageOfList).find((message) => message !== undefined); // prettier-ignore
}
