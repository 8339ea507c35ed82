import type { FastifyRequest } from 'fastify';
import type { Config } from '../config.js';
import { ApiError } from './api-error.js';

type Asked = Pick<FastifyRequest, 'protocol' | 'host'>;

/**
 * The origin that people use (RFC 6454): that of `PUBLIC_URL`, or else the one that the request was sent to.
 * @throws ApiError 400 when the Host header can be no host
 */
export function originOf({ PUBLIC_URL }: Pick<Config, 'PUBLIC_URL'>, { protocol, host }: Asked): string {
  const url = PUBLIC_URL ?? `${protocol}://${host}`;
  // In a Host header, anything else than a host and a port would become another part of the URL.
  if (PUBLIC_URL !== undefined || (!/[/?#@\\\s]/.test(host) && URL.canParse(url))) return new URL(url).origin;
  throw new ApiError('invalid_request', {
    message: 'The Host header is not a host, with or without a port',
    param: 'host',
  });
}

/** Whether people come by https, whatever the last leg of their way to us is. */
export function isSecure({ PUBLIC_URL }: Pick<Config, 'PUBLIC_URL'>, { protocol }: Pick<Asked, 'protocol'>): boolean {
  return (PUBLIC_URL ?? `${protocol}:`).startsWith('https:');
}
