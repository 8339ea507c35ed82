/** A change of something that has a version, as the audit log keeps it. */
export interface VersionedChange {
  actorName: string;
  before: object | null;
  after: object | null;
}

const bookkeeping: ReadonlySet<string> = new Set(['version', 'updatedAt']);

/**
 * Says who changed which fields since a version was read, such as `ada: groups, level; installation: description`.
 * @param changes the newest first
 * @returns empty when nothing is known of it
 */
export function changesSince(changes: readonly VersionedChange[], read: number): string {
  const fieldsOf = new Map<string, Set<string>>();
  for (const { actorName, before, after } of changes.toReversed()) {
    if (!before || !after || !(versionOf(after) > read)) continue;
    const fields = fieldsOf.get(actorName) ?? new Set();
    for (const field of differing(before, after)) fields.add(field);
    fieldsOf.set(actorName, fields);
  }
  return [...fieldsOf].map(([actor, fields]) => `${actor}: ${[...fields].join(', ') || 'nothing'}`).join('; ');
}

function versionOf(value: object): number {
  return 'version' in value && typeof value.version === 'number' ? value.version : 0;
}

function differing(before: object, after: object): string[] {
  const old = before as Record<string, unknown>;
  return Object.entries(after)
    .filter(([field, value]) => !bookkeeping.has(field) && JSON.stringify(value) !== JSON.stringify(old[field]))
    .map(([field]) => field);
}
