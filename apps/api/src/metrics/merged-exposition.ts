/**
 * Puts the expositions of several workers together, whose series differ by a label: what is said of a metric is said once, and
 * its series are in one piece, as the text format wants it.
 */
export function mergeExpositions(texts: readonly string[]): string {
  const metrics = new Map<string, string[]>();
  for (const text of texts) {
    for (const block of text.trimEnd().split('\n\n')) {
      // Its help and its type, a line each; then its series.
      const [head = '', series] = /^(# HELP .*\n# TYPE .*)(?:\n([^]*))?$/.exec(block)?.slice(1) ?? [];
      const known = metrics.get(head);
      if (!known) metrics.set(head, series === undefined ? [head] : [head, series]);
      else if (series !== undefined) known.push(series);
    }
  }
  return `${[...metrics.values()].map((parts) => parts.join('\n')).join('\n\n')}\n`;
}
