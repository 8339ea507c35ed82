const DAY_MILLISECONDS = 86_400_000;

/** The last so many days of UTC with today as the last one, as usage is summed by: `2026-01-31`. */
export function lastDays(count: number, now: Date): string[] {
  return Array.from({ length: count }, (_, index) =>
    new Date(now.getTime() - (count - 1 - index) * DAY_MILLISECONDS).toISOString().slice(0, 10),
  );
}
