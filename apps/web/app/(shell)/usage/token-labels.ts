import type { UsageRow } from '@maas/contracts/usage';

const SHOWN_OF_ID = 4;

/** A name for each token of a report. Tokens of the same name, as renewed ones are, are told apart by the end of their id. */
export function tokenLabels(rows: readonly UsageRow[], unnamed: string): Map<string, string> {
  const names = new Map(rows.map((row) => [row.token ?? '', row.tokenName ?? unnamed]));
  const counts = new Map<string, number>();
  for (const name of names.values()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return new Map(
    [...names].map(([id, name]) => [id, counts.get(name) === 1 ? name : `${name} …${id.slice(-SHOWN_OF_ID)}`]),
  );
}
