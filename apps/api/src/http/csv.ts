/**
 * Writes rows as CSV (RFC 4180). A cell that a spreadsheet would take for a formula is given a leading apostrophe
 * (OWASP, "CSV Injection").
 */
export function toCsv(columns: readonly string[], rows: readonly object[]): string {
  return [csvHeader(columns), ...rows.map((row) => csvLine(columns, row))].join('');
}

/** The first line, with its end. */
export function csvHeader(columns: readonly string[]): string {
  return `${columns.join(',')}\r\n`;
}

/** The line of a row, with its end. */
export function csvLine(columns: readonly string[], row: object): string {
  return `${columns.map((column) => cell((row as Record<string, unknown>)[column])).join(',')}\r\n`;
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
