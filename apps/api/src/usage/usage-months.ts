/** A month of usage rows: the partition that holds it, and its bounds, UTC. */
export interface UsageMonth {
  readonly table: string;
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
}

const PREFIX = 'usage_event_';
const tableGrammar = /^usage_event_(\d{4})_(\d{2})$/;

/** The month of an instant. @param offset months after it */
export function monthOf(instant: Date, offset = 0): UsageMonth {
  return monthFrom(instant.getUTCFullYear(), instant.getUTCMonth() + offset);
}

/** The month that a table holds; undefined for a table that holds none. */
export function monthOfTable(table: string): UsageMonth | undefined {
  const [, year, month] = tableGrammar.exec(table) ?? [];
  return year === undefined ? undefined : monthFrom(Number(year), Number(month) - 1);
}

/** All months from one instant to another, both included. */
export function monthsBetween(first: Date, last: Date): UsageMonth[] {
  const months: UsageMonth[] = [];
  for (let month = monthOf(first); month.from <= last; month = monthOf(month.to)) months.push(month);
  return months;
}

function monthFrom(year: number, month: number): UsageMonth {
  const from = new Date(Date.UTC(year, month));
  const name = `${from.getUTCFullYear()}_${String(from.getUTCMonth() + 1).padStart(2, '0')}`;
  return { table: PREFIX + name, from, to: new Date(Date.UTC(year, month + 1)) };
}
