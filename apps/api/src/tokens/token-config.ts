import { formatDuration } from '@maas/contracts/duration';
import { DEFAULT_TOKEN_SECONDS, MINIMUM_TOKEN_SECONDS, type TokenConfig } from '@maas/contracts/tokens';

const HOUR = 3600;
const DAY = 24 * HOUR;
const usual: [string, number][] = [
  ['1h', HOUR],
  ['4h', 4 * HOUR],
  ['12h', 12 * HOUR],
  ['1d', DAY],
  ['7d', 7 * DAY],
  ['30d', 30 * DAY],
  ['60d', 60 * DAY],
  ['90d', 90 * DAY],
  ['180d', 180 * DAY],
  ['365d', 365 * DAY],
];

/** What a form for a new token needs to know. @param longest seconds */
export function tokenConfig(longest: number, issuer: TokenConfig['issuer']): TokenConfig {
  const presets = usual.filter(([, seconds]) => seconds < longest);
  const last: [string, number] = usual.find(([, seconds]) => seconds === longest) ?? [
    formatDuration(longest * 1000),
    longest,
  ];
  return {
    object: 'token_config',
    issuer,
    shortestSeconds: Math.min(MINIMUM_TOKEN_SECONDS, longest),
    longestSeconds: longest,
    defaultSeconds: Math.min(DEFAULT_TOKEN_SECONDS, longest),
    presets: [...presets, last].map(([expiration, seconds]) => ({ expiration, seconds })),
  };
}
