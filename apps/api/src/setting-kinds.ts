import { isIP } from 'node:net';
import { z } from 'zod';
import { parseDuration } from '@maas/contracts/duration';
import { readAccessAttributes } from './auth/access-attributes.js';

/** A whole number within bounds. @param what a sentence without its subject, for whatever is not taken */
export function wholeNumber(least: number, most: number, what: string) {
  return z.coerce.number(what).int(what).min(least, what).max(most, what);
}

/** One of a few words; whatever else is given is told which. */
export function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, { error: `is one of ${values.join(', ')}` });
}

export const port = wholeNumber(0, 65_535, 'is a port number from 0 to 65535 (0: any that is free)');
export const bytes = wholeNumber(1024, Number.MAX_SAFE_INTEGER, 'is a whole number of bytes, at least 1024');
export const MIB = 1024 * 1024;
export const count = wholeNumber(1, Number.MAX_SAFE_INTEGER, 'is a whole number, at least 1');

/** A duration as Go writes it, with bounds that are written so too; milliseconds inside. */
export function durationFrom(least: string, longest: string) {
  return z
    .string()
    .transform(readDuration(parseDuration(least) ?? 0, parseDuration(longest) ?? 0, `from "${least}" to "${longest}"`));
}

/** The same of any length up to the longest. @param least milliseconds */
export function duration(fallback: string, longest: string, least = 1) {
  const accepted = `such as "30s", "15m" or "12h", ${least > 0 ? 'more than 0' : '"0s" or more'}, at most "${longest}"`;
  return z
    .string()
    .default(fallback)
    .transform(readDuration(least, parseDuration(longest) ?? 0, accepted));
}

/**
 * Reads a duration within bounds in milliseconds, which it becomes.
 * @param accepted ends the sentence of the message: `from "10ms" to "10s"`
 */
function readDuration(least: number, most: number, accepted: string) {
  return (text: string, context: z.RefinementCtx): number => {
    const milliseconds = parseDuration(text);
    if (milliseconds !== undefined && milliseconds >= least && milliseconds <= most) return milliseconds;
    context.addIssue({ code: 'custom', message: `is a duration ${accepted}` });
    return z.NEVER;
  };
}

export const LONGEST_LIFETIME = '3650d';
export const lifetime = (fallback: string) => duration(fallback, LONGEST_LIFETIME);
/** Node's timers count in 31 bits of milliseconds: a longer one would go off at once. */
export const timeout = (fallback: string) => duration(fallback, '24d');

export const list = z
  .string()
  .default('')
  .transform((text) => text.split(',').map((item) => item.trim()).filter(Boolean)); // prettier-ignore

export const access = z
  .string()
  .transform((text, context) => {
    const attributes = readAccessAttributes(text);
    if (typeof attributes !== 'string') return attributes;
    context.addIssue({ code: 'custom', message: attributes });
    return z.NEVER;
  })
  .optional();

const plainHttpElsewhere = /^http:(?!\/\/(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?(?:\/|$))/i;
/** Of an identity provider. OpenID Connect Discovery §7.2 asks for TLS; on the machine itself, nobody can listen in. */
export const providerUrl = z
  .url({ protocol: /^https?$/, error: 'is an https URL' })
  .refine((url) => /^[^?#@]*$/.test(url), 'is a URL without user information, query and fragment')
  .refine((url) => !plainHttpElsewhere.test(url), 'is an https URL; http is for this machine only')
  .optional();

const namedNetworks = new Set(['loopback', 'linklocal', 'uniquelocal']);

/** An address, or a range of them in the CIDR notation. */
export function isCidr(text: string): boolean {
  const [address = '', bits = '1', ...rest] = text.split('/');
  const version = isIP(address);
  const fits = /^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128);
  return version !== 0 && fits && rest.length === 0;
}

/** The same, or a name that @fastify/proxy-addr knows. */
export function isNetwork(text: string): boolean {
  return namedNetworks.has(text) || isCidr(text);
}

/** A label of DNS (RFC 1123), as a namespace is. */
export function isNamespace(text: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text);
}

/** A name of DNS (RFC 1123), as most objects of Kubernetes have. */
export function isObjectName(text: string): boolean {
  return text.length <= 253 && text.split('.').every(isNamespace);
}
