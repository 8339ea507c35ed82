import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { getCACertificates } from 'node:tls';
import { buildConnector } from 'undici';
import { type Config, ConfigError } from '../config.js';
import { AddressRefused, BackendAddresses } from './backend-address.js';

/** After so long without a packet the kernel asks whether the other side is still there. */
const KEEPALIVE_PROBE_MILLISECONDS = 30_000;

/**
 * Connects to backends, and to nobody else: the address is checked before each connection, certificates always.
 * @throws ConfigError when UPSTREAM_CA_FILE is no use
 */
export function backendConnector(config: Config): buildConnector.connector {
  const addresses = new BackendAddresses(config.UPSTREAM_ALLOWED_NETWORKS);
  const authorities = authoritiesOf(config.UPSTREAM_CA_FILE);
  const connect = buildConnector({
    timeout: config.UPSTREAM_CONNECT_TIMEOUT,
    // One connection, one answer: what a client does not take holds back this answer alone, and an end is seen at once.
    allowH2: false,
    keepAlive: true,
    keepAliveInitialDelay: KEEPALIVE_PROBE_MILLISECONDS,
    lookup: addresses.lookup,
    ...(authorities === undefined ? {} : { ca: authorities }),
  });
  return (options, callback) => {
    // An address needs no lookup, so nobody else would look at it.
    if (isIP(options.hostname) === 0 || !addresses.refuses(options.hostname)) return connect(options, callback);
    queueMicrotask(() => callback(new AddressRefused(), null));
  };
}

function authoritiesOf(path: string | undefined): string[] | undefined {
  if (path === undefined) return undefined;
  let pem: string;
  try {
    pem = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(
      `UPSTREAM_CA_FILE names a file that cannot be read: ${(error as NodeJS.ErrnoException).code}`,
    );
  }
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) {
    throw new ConfigError('UPSTREAM_CA_FILE holds no certificate: it must be PEM');
  }
  // With those of NODE_EXTRA_CA_CERTS.
  return [...getCACertificates('default'), pem];
}
