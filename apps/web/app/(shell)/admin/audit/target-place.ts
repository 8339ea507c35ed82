/** The page that shows what an entry is about; undefined where there is none. */
export function placeOf(targetType: string, targetId: string): string | undefined {
  const id = encodeURIComponent(targetId);
  if (targetType === 'tier') return `/admin/tiers?tier=${id}`;
  if (targetType === 'model') return `/admin/models?id=${id}`;
  if (targetType === 'user') return `/admin/users?id=${id}`;
  if (targetType === 'token') return `/admin/tokens?search=${id}`;
  return undefined;
}
