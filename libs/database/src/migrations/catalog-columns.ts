import type { ClientBase, QueryResult } from 'pg';
import { ColumnTypeEnum, type SqlResultSet } from '@prisma/driver-adapter-utils';

/** PostgreSQL's one-byte type `"char"`, which the columns of its catalogue use. */
const CHAR_OID = 18;
const TEXT_OID = 25;

type Query = (...args: unknown[]) => Promise<QueryResult | QueryResult[]>;

/**
 * The adapter refuses columns of type `"char"`, and the schema engine reads the catalogue, which is full of them
 * (prisma/orm#27403). So they are shown to the adapter as text, and to the engine as characters.
 */
export class CatalogColumns {
  /** Keyed by the array of rows, the one object that passes through the adapter unchanged. */
  readonly #charColumns = new WeakMap<object, number[]>();

  /** The client's `query`, with results that the adapter accepts. */
  disguise(client: ClientBase): Query {
    const query = client.query.bind(client) as Query;
    return async (...args) => {
      const result = await query(...args);
      // A script has a result for each of its statements, and nobody reads them.
      if (!Array.isArray(result)) this.#disguiseResult(result);
      return result;
    };
  }

  /** Names the true types again. */
  restore(result: SqlResultSet): SqlResultSet {
    for (const column of this.#charColumns.get(result.rows) ?? []) {
      result.columnTypes[column] = ColumnTypeEnum.Character;
    }
    return result;
  }

  #disguiseResult(result: QueryResult): void {
    const columns = result.fields.flatMap((field, index) => (field.dataTypeID === CHAR_OID ? [index] : []));
    for (const field of result.fields) if (field.dataTypeID === CHAR_OID) field.dataTypeID = TEXT_OID;
    if (columns.length > 0) this.#charColumns.set(result.rows, columns);
  }
}
