import { useSyncExternalStore } from 'react';

/** What a person has set for this browser. The theme is kept by next-themes. */
export interface Preferences {
  /** In which zone instants are shown: `browser`, `UTC` or a name of the IANA's. Usage by the day is always by days of UTC. */
  zone: string;
  /** Shortcuts of a single key can get in the way of speech input (WCAG 2.1.4). */
  singleKeys: boolean;
  /** Whoever has called a model, or does not want to be told how, needs no checklist. */
  firstCallDone: boolean;
}

const initial: Preferences = { zone: 'browser', singleKeys: true, firstCallDone: false };
const key = 'maas.preferences';
const changed = 'maas.preferences.changed';
let known: { text: string | null; value: Preferences } = { text: null, value: initial };

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, readPreferences, () => initial);
}

export function setPreferences(change: Partial<Preferences>): void {
  try {
    localStorage.setItem(key, JSON.stringify({ ...readPreferences(), ...change }));
  } catch {
    // A browser that keeps nothing: as it was, then.
  }
  window.dispatchEvent(new Event(changed));
}

export function readPreferences(): Preferences {
  const text = readText();
  if (text !== known.text) known = { text, value: { ...initial, ...parse(text) } };
  return known.value;
}

function readText(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function parse(text: string | null): Partial<Preferences> {
  try {
    return JSON.parse(text ?? '{}') as Partial<Preferences>;
  } catch {
    return {};
  }
}

function subscribe(listener: () => void): () => void {
  const events = [changed, 'storage'];
  for (const event of events) window.addEventListener(event, listener);
  return () => {
    for (const event of events) window.removeEventListener(event, listener);
  };
}
