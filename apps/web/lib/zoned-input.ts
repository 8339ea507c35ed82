/** Milliseconds that clocks in a zone are ahead of UTC at an instant. */
function aheadOfUtc(instant: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(instant);
  const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((one) => one.type === type)?.value);
  const shown = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return shown - Math.floor(instant / 1000) * 1000;
}

/** An instant as `<input type="datetime-local">` takes it, on the clocks of a zone: `2026-01-31T14:30`. */
export function toZonedInput(instant: string, timeZone: string): string {
  const milliseconds = Date.parse(instant);
  return new Date(milliseconds + aheadOfUtc(milliseconds, timeZone)).toISOString().slice(0, 16);
}

/**
 * What was entered there, as RFC 3339 in UTC. A time that clocks skip counts as if they had not been put forward yet; of one
 * that they show twice, it is the first.
 * @returns undefined when it is not complete
 */
export function fromZonedInput(text: string, timeZone: string): string | undefined {
  const wall = /^\d{4,}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text) ? Date.parse(`${text}Z`) : Number.NaN;
  if (Number.isNaN(wall)) return undefined;
  const near = wall - aheadOfUtc(wall, timeZone);
  return new Date(wall - aheadOfUtc(near, timeZone)).toISOString();
}
