/** What came into a list of texts, and what went. */
export interface ListChange {
  added: string[];
  removed: string[];
}

/** @returns undefined where they are no lists of texts, or where only their order differs */
export function listChange(before: unknown, after: unknown): ListChange | undefined {
  if (!isTexts(before) || !isTexts(after)) return undefined;
  const added = after.filter((item) => !before.includes(item));
  const removed = before.filter((item) => !after.includes(item));
  return added.length + removed.length === 0 ? undefined : { added, removed };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
