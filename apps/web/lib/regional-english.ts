import { useSyncExternalStore } from 'react';

/** English as it is written in a region: `en-GB`, `en-DE`; without one, as in the United States. */
export type RegionalEnglish = 'en' | `en-${string}`;

/** Where no English of the region is known: day before month, as most of the world writes it. */
const INTERNATIONAL = 'en-001';

/**
 * The English for numbers and dates of somebody who prefers this language: the words stay those of the dashboard, the order
 * and the signs are those of the region. `de-AT` → `en-AT`.
 */
export function regionalEnglish(language: string | undefined): RegionalEnglish {
  const region = regionOf(language);
  if (region === undefined) return 'en';
  const wanted = `en-${region}` as const;
  // A region without an English of its own is resolved to that of the United States.
  return new Intl.DateTimeFormat(wanted).resolvedOptions().locale === wanted ? wanted : INTERNATIONAL;
}

function regionOf(language: string | undefined): string | undefined {
  try {
    return language === undefined ? undefined : new Intl.Locale(language).maximize().region;
  } catch {
    return undefined;
  }
}

/** The English of this browser's region. */
export function useRegionalEnglish(): RegionalEnglish {
  return useSyncExternalStore(subscribe, read, () => 'en');
}

function read(): RegionalEnglish {
  return regionalEnglish(navigator.language);
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('languagechange', listener);
  return () => window.removeEventListener('languagechange', listener);
}
