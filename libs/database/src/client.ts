import type { Duplex } from 'node:stream';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from './generated/client.js';
import { SerialClient } from './serial-client.js';

export { CountSource, IdentityProvider, Prisma, Role } from './generated/client.js';
export type {
  AuditEntry,
  Backend,
  ConfigChange,
  IssuedToken,
  Model,
  ModelTier,
  PrismaClient,
  Revocation,
  Session,
  SetupLink,
  Tier,
  UsageEvent,
  UsageHourly,
  User,
} from './generated/client.js';

export interface ConnectionSettings {
  /** A PostgreSQL connection URL; its parameters win over the defaults below. */
  url: string;
  /** The most connections that this process holds open at once. */
  maxConnections: number;
  /** What `pg_stat_activity` shows for our connections; "maas" unless given. */
  applicationName?: string;
  /** Milliseconds after which the server gives up on one statement; 15 seconds unless given. */
  statementTimeoutMs?: number;
  /** Milliseconds after which we give up on one statement, though the server may have fallen silent; never unless given. */
  queryTimeoutMs?: number;
  /** Makes the socket of each connection, which then connects; a plain one of Node's unless given. */
  openSocket?: () => Duplex;
}

const CONNECTION_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 15_000;
/** A transaction that its owner forgot must not hold row locks, or hold back vacuum, for ever. */
const IDLE_TRANSACTION_TIMEOUT_MS = 30_000;

/**
 * Whatever the server, its database or its role has for them. Prisma's adapter sends instants without their zone, and takes
 * what comes, in ISO 8601, for UTC; and what is locked in one order needs no stricter isolation, under which it would fail. Said
 * by a statement, which every pooler takes.
 */
const SESSION = "SET TIME ZONE 'UTC'; SET DateStyle = ISO; SET default_transaction_isolation = 'read committed'";

/** A client that connects when it is first used. */
export function createPrismaClient(settings: ConnectionSettings): PrismaClient {
  return new PrismaClient({ adapter: new PrismaPg({ ...poolConfig(settings), Client: SerialClient }) });
}

/** Connections for statements of our own: where there are many of them, what Prisma adds to each would count. */
export function createPool(settings: ConnectionSettings): pg.Pool {
  const pool = new pg.Pool(poolConfig(settings));
  // An idle connection that breaks is replaced when it is needed; who needs it is told when that fails.
  pool.on('error', () => {});
  return pool;
}

/**
 * Waiting for a free connection, and making one, is bounded by 5 seconds together, so that a database which is gone fails
 * requests instead of collecting them.
 */
function poolConfig(settings: ConnectionSettings): pg.PoolConfig {
  return {
    connectionString: settings.url,
    max: settings.maxConnections,
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    statement_timeout: settings.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS,
    ...(settings.queryTimeoutMs === undefined ? {} : { query_timeout: settings.queryTimeoutMs }),
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_TIMEOUT_MS,
    application_name: settings.applicationName ?? 'maas',
    keepAlive: true,
    onConnect: (client) => client.query(SESSION),
    ...(settings.openSocket ? { stream: settings.openSocket } : {}),
  };
}
