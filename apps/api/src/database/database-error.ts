import { Prisma } from '@maas/database/client';
import { isUnreachable, reasonOf } from './unreachable.js';

/** P2002 of Prisma's error reference: a unique constraint failed. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002';
}

// Prisma's error reference: unreachable, timed out, connection closed, pool exhausted, transaction could not be started.
const unavailable = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2037']);
/** Of the driver adapter's errors, which stand behind one of a statement of our own. */
const unavailableKind = new Set(['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TooManyConnections']);

/** Says whether an error means that the database cannot be used at the moment, rather than that we asked it nonsense. */
export function isDatabaseUnavailable(error: unknown): boolean {
  for (const cause of causesOf(error)) {
    if (unavailable.has(String(cause['code'])) || unavailableKind.has(String(cause['kind']))) return true;
    if (isUnreachable(cause)) return true;
  }
  return false;
}

/** Logs work that failed and is done again: in a line, and not at all where the database is away, which is said once elsewhere. */
export function logFailedWork(
  logger: { warn(line: string): void; debug(line: string): void },
  what: string,
  error: unknown,
): void {
  const line = `${what}: ${reasonOf(error)}`;
  if (isDatabaseUnavailable(error)) logger.debug(line);
  else logger.warn(line);
}

// PostgreSQL's error codes, appendix A: a NUL in text, a NUL in JSON, half of a surrogate pair in JSON.
const unstorable = new Set(['22021', '22P05', '22P02']);

/** Says whether the database was given text that it cannot keep, which no schema of ours refuses. */
export function isUnstorableText(error: unknown): boolean {
  for (const { originalCode } of causesOf(error)) if (unstorable.has(String(originalCode))) return true;
  return false;
}

/** Says whether the database was given a row that it will never take: of PostgreSQL's classes data exception and constraint. */
export function isUnstorableValue(error: unknown): boolean {
  for (const { code, originalCode } of causesOf(error)) if (/^2[23]/.test(String(originalCode ?? code))) return true;
  return false;
}

/** An error, and what caused it, as Prisma's adapter nests them. */
function* causesOf(error: unknown): Generator<Record<string, unknown>> {
  for (let depth = 0, at: unknown = error; depth < 5 && at instanceof Object; depth += 1) {
    const { cause, meta } = at as { cause?: unknown; meta?: { driverAdapterError?: unknown } };
    yield at as Record<string, unknown>;
    at = cause ?? meta?.driverAdapterError;
  }
}
