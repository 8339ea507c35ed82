// @ts-check

/**
 * Prints a table.
 * @param {string} title
 * @param {readonly string[]} columns
 * @param {readonly (readonly string[])[]} rows
 * @param {number} [left] how many columns, from the first, are words and go to the left
 */
export function printTable(title, columns, rows, left = 1) {
  const widths = columns.map((name, column) => Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (/** @type {readonly string[]} */ cells) =>
    cells
      .map((cell, column) => (column < left ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('   ')
      .trimEnd();
  console.log(`\n${title}\n  ${[columns, ...rows].map(line).join('\n  ')}`);
}

/**
 * @param {number} value
 * @param {number} [digits]
 */
export function plain(value, digits = 0) {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/**
 * The median, and in parentheses the least and the greatest.
 * @param {import('./statistics.mjs').Spread} spread
 * @param {number} [digits]
 */
export function ranged({ min, median, max }, digits = 0) {
  return `${plain(median, digits)} (${plain(min, digits)}–${plain(max, digits)})`;
}
