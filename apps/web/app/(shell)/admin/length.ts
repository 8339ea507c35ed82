import { useFormatter } from 'use-intl';

const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** Writes how long something lasted with its two largest units: `2 hr 5 min`, `40 sec`. */
export function useLength(): (seconds: number) => string {
  const format = useFormatter();
  const part = (value: number, unit: 'day' | 'hour' | 'minute' | 'second') =>
    format.number(value, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 0 });
  return (seconds) => {
    const at = units.findIndex(([, size]) => seconds >= size);
    const [unit, size] = units[at] ?? ['second', 1];
    const whole = Math.floor(seconds / size);
    const [nextUnit, nextSize] = units[at + 1] ?? ['second', 1];
    const rest = at < 0 ? 0 : Math.floor((seconds - whole * size) / nextSize);
    const first = part(at < 0 ? Math.round(seconds) : whole, unit);
    return rest > 0 ? `${first} ${part(rest, nextUnit)}` : first;
  };
}
