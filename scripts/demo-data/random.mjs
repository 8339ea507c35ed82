/** Numbers that look random and are the same for the same seed (mulberry32). */
export function seeded(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (from, to) => from + next() * (to - from);
  return {
    next,
    between,
    whole: (from, to) => Math.floor(between(from, to + 1)),
    chance: (share) => next() < share,
    pick: (list) => list[Math.floor(next() * list.length)],
    /** Mostly near the middle, seldom far above it, as sizes and durations are. */
    skewed: (middle, spread = 0.6) =>
      middle * Math.exp(spread * Math.sqrt(-2 * Math.log(next() || 1e-9)) * Math.cos(2 * Math.PI * next())),
    /** How often something happened that is expected so often. */
    count: (expected) => {
      const whole = Math.floor(expected);
      const swing = Math.sqrt(expected) * (next() + next() + next() - 1.5);
      return Math.max(0, Math.round(whole + swing) + (next() < expected - whole ? 1 : 0));
    },
    /** One of the entries `[value, weight]`. */
    weighted: (entries) => {
      let at = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [value, weight] of entries) if ((at -= weight) < 0) return value;
      return entries.at(-1)[0];
    },
  };
}
