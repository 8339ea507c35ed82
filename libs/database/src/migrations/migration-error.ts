/** A migration problem whose message tells the operator what to do; no stack is needed to understand it. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}
