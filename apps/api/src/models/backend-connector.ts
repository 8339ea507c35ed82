import { readFileSync } from 'node:fs';
import { isIP, type Socket } from 'node:net';
import { getCACertificates } from 'node:tls';
import { buildConnector } from 'undici';
import { type Config, ConfigError } from '../config.js';
import { AddressRefused, BackendAddresses } from './backend-address.js';

/** After so long without a packet the kernel asks whether the other side is still there. */
const KEEPALIVE_PROBE_MILLISECONDS = 30_000;
/** So much of an answer is read at once, and hardly more kept of one whose client takes nothing. Node's own is 64 KiB. */
const READ_BYTES = 16 * 1024;
/** What all connections read into, one after the other: it is copied before the next one reads. */
const arrivals = Buffer.allocUnsafeSlow(READ_BYTES);

/**
 * Connects to backends, and to nobody else: the address is checked before each connection, certificates always.
 * @throws ConfigError when UPSTREAM_CA_FILE is no use
 */
export function backendConnector(config: Config): buildConnector.connector {
  const addresses = new BackendAddresses(config.UPSTREAM_ALLOWED_NETWORKS);
  const authorities = authoritiesOf(config.UPSTREAM_CA_FILE);
  const shared = {
    timeout: config.UPSTREAM_CONNECT_TIMEOUT,
    // One connection, one answer: what a client does not take holds back this answer alone, and an end is seen at once.
    allowH2: false,
    keepAlive: true,
    keepAliveInitialDelay: KEEPALIVE_PROBE_MILLISECONDS,
    lookup: addresses.lookup,
    ...(authorities === undefined ? {} : { ca: authorities }),
  };
  const secure = buildConnector(shared);
  const connect: buildConnector.connector = (options, callback) =>
    (options.protocol === 'https:' ? secure : thriftily(shared))(options, callback);
  return (options, callback) => {
    // An address needs no lookup, so nobody else would look at it.
    if (isIP(options.hostname) === 0 || !addresses.refuses(options.hostname)) return connect(options, callback);
    queueMicrotask(() => callback(new AddressRefused(), null));
  };
}

/** Connects once. Node by itself takes 64 KiB anew for each read, however little comes, and reads on until 64 KiB wait. */
function thriftily(shared: buildConnector.BuildOptions): buildConnector.connector {
  const intake: Intake = { socket: undefined };
  const reading = { highWaterMark: READ_BYTES, onread: { buffer: arrivals, callback: intoStream(intake) } };
  const connect = buildConnector({ ...shared, ...reading });
  return (options, callback) =>
    connect(options, (...outcome) => {
      intake.socket = outcome[1] ?? undefined;
      callback(...outcome);
    });
}

interface Intake {
  socket: Socket | undefined;
}

/** A connection has this for as long as it lasts: so it is made where it holds nothing else. */
function intoStream(intake: Intake): (length: number) => boolean {
  return (length) => {
    // Not of Node's pool: what waits for a slow client would keep the rest of the pool, which is others', from being freed.
    const piece = Buffer.allocUnsafeSlow(length);
    arrivals.copy(piece, 0, 0, length);
    return intake.socket?.push(piece) ?? false;
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
