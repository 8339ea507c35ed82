/** One line of an exposition. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What a scrape said, checked against Prometheus' text format (version 0.0.4). */
export interface Exposition {
  /** `counter`, `gauge`, `histogram` or `summary`, by the name of the metric. */
  readonly types: ReadonlyMap<string, string>;
  readonly series: readonly Series[];
  /** The sum of all series of that name whose labels include these. */
  sum(name: string, labels?: Record<string, string>): number;
  /** The one series of that name with these labels; undefined: there is none. */
  value(name: string, labels?: Record<string, string>): number | undefined;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/gy;

/** @throws Error at the first line that is not as the format wants it */
export function parseExposition(text: string): Exposition {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const types = new Map<string, string>();
  const series: Series[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    if (line.startsWith('#')) readComment(line, types);
    else series.push(readSeries(line));
  }
  requireOrder(series, types);
  requireHistograms(series, types);
  const matching = (name: string, labels: Record<string, string>) =>
    series.filter(
      (each) => each.name === name && Object.entries(labels).every(([label, value]) => each.labels[label] === value),
    );
  return {
    types,
    series,
    sum: (name, labels = {}) => matching(name, labels).reduce((sum, { value }) => sum + value, 0),
    value: (name, labels = {}) => {
      const found = matching(name, labels);
      if (found.length > 1) throw new Error(`${name}${JSON.stringify(labels)} are ${found.length} series`);
      return found[0]?.value;
    },
  };
}

/** The metric that a series belongs to: those of a histogram have a suffix. */
function metricOf(name: string, types: ReadonlyMap<string, string>): string {
  const base = name.replace(/_(?:bucket|sum|count)$/, '');
  return ['histogram', 'summary'].includes(types.get(base) ?? '') ? base : name;
}

function readComment(line: string, types: Map<string, string>): void {
  const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
  if (keyword === undefined || !NAME.test(name)) throw new Error(`not a comment of the format: ${line}`);
  if (keyword === 'HELP') return;
  if (types.has(name)) throw new Error(`${name} has two types`);
  if (!['counter', 'gauge', 'histogram', 'summary'].includes(rest)) throw new Error(`no type: ${line}`);
  types.set(name, rest);
}

function readSeries(line: string): Series {
  const [, name, written = '', number = ''] = LINE.exec(line) ?? [];
  const value = number === '+Inf' ? Infinity : Number(number);
  // As Go reads numbers, and so Prometheus: "Nan" is one too. It is said of what has no value yet.
  const isNumber = !Number.isNaN(value) || /^nan$/i.test(number);
  if (name === undefined || !isNumber) throw new Error(`not a series: ${line}`);
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  let end = 0;
  for (let match = LABEL.exec(written); match; match = end < written.length ? LABEL.exec(written) : null) {
    const [all, label = '', text = ''] = match;
    if (label in labels) throw new Error(`a label twice: ${line}`);
    labels[label] = text.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
    end += all.length;
  }
  if (end !== written.length) throw new Error(`labels that cannot be read: ${line}`);
  return { name, labels, value };
}

/** Each series once, of a metric whose type was said, and all of a metric together. */
function requireOrder(series: readonly Series[], types: ReadonlyMap<string, string>): void {
  const seen = new Set<string>();
  const closed = new Set<string>();
  let current: string | undefined;
  for (const { name, labels } of series) {
    const metric = metricOf(name, types);
    if (!types.has(metric)) throw new Error(`${metric} has no type`);
    if (metric !== current && closed.has(metric)) throw new Error(`${metric} is not in one piece`);
    if (current !== undefined && metric !== current) closed.add(current);
    current = metric;
    const key = name + writtenAs(labels);
    if (seen.has(key)) throw new Error(`${key} is there twice`);
    seen.add(key);
  }
}

/** The same for the same labels, in whatever order. */
function writtenAs(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.keys(labels).map((label) => `${label}=${labels[label]}`).sort()); // prettier-ignore
}

/** Buckets count up to their bound, so each has at least what the one before has, and the last one has all. */
function requireHistograms(series: readonly Series[], types: ReadonlyMap<string, string>): void {
  const last = new Map<string, { bound: number; count: number }>();
  for (const { name, labels, value } of series) {
    const metric = metricOf(name, types);
    if (types.get(metric) !== 'histogram') continue;
    const { le, ...others } = labels;
    const key = metric + writtenAs(others);
    if (name.endsWith('_bucket')) {
      const bound = le === '+Inf' ? Infinity : Number(le);
      const before = last.get(key) ?? { bound: -Infinity, count: 0 };
      if (!(bound > before.bound) || value < before.count) throw new Error(`buckets of ${key} do not ascend`);
      last.set(key, { bound, count: value });
    } else if (name.endsWith('_count')) {
      const { bound, count } = last.get(key) ?? {};
      if (bound !== Infinity || count !== value) throw new Error(`the last bucket of ${key} has not all`);
    }
  }
}
