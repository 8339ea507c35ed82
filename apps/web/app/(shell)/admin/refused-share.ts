interface Counts {
  /** Those that were admitted. */
  requests: number | null;
  refused: number | null;
}

/** Of all requests that came, how many were refused: 0 to 1. */
export function refusedShare({ requests, refused }: Counts): number {
  const all = (requests ?? 0) + (refused ?? 0);
  return all === 0 ? 0 : (refused ?? 0) / all;
}
