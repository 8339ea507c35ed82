const unitMilliseconds: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const duration = /^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h|d))+$/;
const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h|d)/g;

/**
 * Reads a duration as Go's `time.ParseDuration` writes it (`15m`, `1h30m`, `1.5h`, `601s`, `250ms`), and `d` for days.
 * @returns milliseconds, or undefined when the text is no such duration. Signs are not accepted.
 */
export function parseDuration(text: string): number | undefined {
  if (text.length > 64 || !duration.test(text)) return undefined;
  let milliseconds = 0;
  for (const [, amount, unit] of text.matchAll(part)) {
    milliseconds += Number(amount) * (unitMilliseconds[unit ?? ''] ?? Number.NaN);
  }
  return Math.round(milliseconds);
}

/**
 * Writes a duration as Go's `Duration.String` does, which is how OpenAI writes its `x-ratelimit-reset-*` headers:
 * `15m0s`, `4h0m0s`, `1.5s`, `12ms`, `0s`.
 * @param milliseconds not negative; rounded up to a whole millisecond
 */
export function formatDuration(milliseconds: number): string {
  const whole = Math.max(0, Math.ceil(milliseconds));
  if (whole === 0) return '0s';
  if (whole < 1000) return `${whole}ms`;
  const hours = Math.floor(whole / 3_600_000);
  const minutes = Math.floor((whole % 3_600_000) / 60_000);
  const seconds = `${(whole % 60_000) / 1000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
