import { useState } from 'react';

/**
 * What an overlay is about. Each opening begins anew; what is read again while it is open, and while it leaves, changes
 * nothing of it.
 * @param id of what it is about: when that becomes another one while it is open, it begins anew as well
 * @returns the value at the opening, and which opening it is: the key of what is in the overlay
 */
export function useOpening<Value>(open: boolean, value: Value, id?: string): { value: Value; round: number } {
  const [opening, setOpening] = useState({ open, value, id, round: 0 });
  if (open !== opening.open || (open && id !== opening.id)) {
    setOpening(open ? { open, value, id, round: opening.round + 1 } : { ...opening, open });
  }
  return opening;
}
