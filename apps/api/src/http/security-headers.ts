import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.js';
import { contentSecurityPolicy } from './content-security-policy.js';
import { isSecure } from './origin.js';

// OWASP secure headers project.
const always = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': contentSecurityPolicy(),
  'permissions-policy':
    'accelerometer=(), autoplay=(), camera=(), display-capture=(), fullscreen=(self), geolocation=(), gyroscope=(), ' +
    'magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(), usb=()',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
};
/** RFC 6797: a year of https alone. */
const STRICT_TRANSPORT = 'max-age=31536000';
const loopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/i;

/** Gives every answer of the control plane its request id and the headers that protect pages. */
export function protectPages(server: FastifyInstance, config: Pick<Config, 'PUBLIC_URL'>): void {
  server.addHook('onRequest', (request, reply, done) => {
    void reply.headers(always).header('x-request-id', request.id);
    // A developer's own machine has other servers on http, which browsers would then refuse to see.
    const host = config.PUBLIC_URL === undefined ? request.host : new URL(config.PUBLIC_URL).host;
    if (isSecure(config, request) && !loopback.test(host))
      void reply.header('strict-transport-security', STRICT_TRANSPORT);
    done();
  });
}
