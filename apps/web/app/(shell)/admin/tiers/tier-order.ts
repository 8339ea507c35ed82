import { useState } from 'react';
import type { Tier } from '@maas/contracts/tiers';

export interface TierOrder {
  /** The tiers as they are shown: in the order that is being made, or else in the one that holds. */
  tiers: Tier[] | undefined;
  changed: boolean;
  move: (tier: Tier, by: 1 | -1) => void;
  discard: () => void;
}

/** An order that is being made. It holds for nobody until it is saved, because it can change the tier of many. */
export function useTierOrder(tiers: Tier[] | undefined): TierOrder {
  const [draft, setDraft] = useState<readonly string[]>();
  const shown = tiers && draft ? inOrderOf(tiers, draft) : tiers;
  const move = (tier: Tier, by: 1 | -1) => shown && setDraft(moved(shown.map(({ name }) => name), tier.name, by)); // prettier-ignore
  const changed = shown !== undefined && tiers !== undefined && shown.some((tier, index) => tier !== tiers[index]);
  return { tiers: shown, changed, move, discard: () => setDraft(undefined) };
}

/** Tiers that were made meanwhile come last; those that were deleted are gone. */
export function inOrderOf(tiers: readonly Tier[], names: readonly string[]): Tier[] {
  const place = (tier: Tier) => {
    const at = names.indexOf(tier.name);
    return at < 0 ? names.length : at;
  };
  return tiers.toSorted((one, other) => place(one) - place(other));
}

/** The names with one of them moved by a place; as they were where there is none. */
export function moved(names: readonly string[], name: string, by: 1 | -1): string[] {
  const from = names.indexOf(name);
  const to = from + by;
  const other = names[to];
  if (from < 0 || other === undefined) return [...names];
  return names.with(to, name).with(from, other);
}
