import pg from 'pg';

/**
 * A connection that is given one statement after the other. Prisma reads several relations of a row at once, also within a
 * transaction, which has one connection; that pg queues them itself is deprecated and ends with its version 9. Can go when
 * Prisma's adapter waits (prisma/orm 29979).
 */
export class SerialClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    const query = this.query.bind(this) as (...given: unknown[]) => unknown;
    let last: Promise<unknown> = Promise.resolve();
    this.query = ((...given: unknown[]) => {
      // Whoever gives a callback, as the pool does, has the connection for one statement.
      if (typeof given.at(-1) === 'function') return query(...given);
      const result = last.then(() => query(...given));
      last = result.catch(() => undefined);
      return result;
    }) as typeof this.query;
  }
}
