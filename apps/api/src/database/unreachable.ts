// PostgreSQL's error codes, appendix A: connection exceptions, operator intervention, too many connections, read-only.
const unavailableState = /^(?:08|57P|53300|25006)/;
const unavailableSystem = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  // No socket of a server on this machine.
  'ENOENT',
]);
const lostConnection = /Connection terminated|timeout expired|timeout exceeded|Query read timeout/;

/**
 * Says whether an error of the driver means that the database is away at the moment and may come back by itself; a wrong
 * password or a database that does not exist does not.
 */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Object)) return false;
  const { code, originalCode, message, errors } = error as Record<string, unknown>;
  for (const name of [code, originalCode]) {
    if (typeof name !== 'string') continue;
    if (unavailableSystem.has(name) || unavailableState.test(name)) return true;
  }
  if (typeof message === 'string' && lostConnection.test(message)) return true;
  // A name with several addresses: one error for each.
  return Array.isArray(errors) && errors.length > 0 && errors.every(isUnreachable);
}

/** What is wrong, in a few words: an error of several addresses has no message of its own. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  return error.message || (first === undefined ? error.name : reasonOf(first));
}
