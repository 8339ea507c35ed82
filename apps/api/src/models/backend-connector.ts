import { readFileSync } from 'node:fs';
import { isIP, type Socket } from 'node:net';
import { getCACertificates } from 'node:tls';
import { buildConnector } from 'undici';
import { type Config, ConfigError } from '../config.js';
import { AddressRefused, BackendAddresses } from './backend-address.js';

/** After so long without a packet the kernel asks whether the other side is still there. */
const KEEPALIVE_PROBE_MILLISECONDS = 30_000;
/** So much of an answer is read at once, as long as its client takes what comes. Node's own is 64 KiB. */
const READ_BYTES = 16 * 1024;
/** And where something has had to wait: a client that is slow leaves that much in memory again and again. */
const CAREFUL_BYTES = 4 * 1024;
/** Taken without a wait, after which it is no longer slow. Less is only what the system's own buffers have room for. */
const TRUSTED_AFTER_BYTES = 8 * 1024 * 1024;
/** What all connections read into, one after the other: it is copied before the next one reads. */
const arrivals = Buffer.allocUnsafeSlow(READ_BYTES);
const fewArrivals = arrivals.subarray(0, CAREFUL_BYTES);

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
  const intake = new Intake();
  const onread = { buffer: () => intake.buffer, callback: (length: number) => intake.take(length) };
  // More than that is read in advance only while it is taken at once.
  const reading = { highWaterMark: CAREFUL_BYTES, onread };
  const connect = buildConnector({ ...shared, ...reading });
  return (options, callback) =>
    connect(options, (...outcome) => {
      intake.socket = outcome[1] ?? undefined;
      callback(...outcome);
    });
}

/** What comes on one connection. It reads as much at once as those take to whom it goes. */
class Intake {
  socket: Socket | undefined;
  /** Bytes to be taken before it is trusted again. */
  private distrust = TRUSTED_AFTER_BYTES;

  /** What is read into next. */
  get buffer(): Buffer {
    return this.distrust > 0 ? fewArrivals : arrivals;
  }

  /** @returns whether to read on: not while something waits that came before */
  take(length: number): boolean {
    const { socket } = this;
    if (!socket) return false;
    // Not of Node's pool: what waits for a slow client would keep the rest of the pool, which is others', from being freed.
    const piece = Buffer.allocUnsafeSlow(length);
    arrivals.copy(piece, 0, 0, length);
    const isAllTaken = socket.readableLength === 0;
    this.distrust = isAllTaken ? Math.max(0, this.distrust - length) : TRUSTED_AFTER_BYTES;
    socket.push(piece);
    return isAllTaken;
  }
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
