/** A selector of an expression: which series of which metric. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly string[];
}

/** What an expression of PromQL reads and what it gives, as far as names go. */
export interface Expression {
  readonly selectors: readonly Selector[];
  /** Labels that it groups or joins by: each has to be there in what it is applied to. */
  readonly grouped: readonly { readonly label: string; readonly selectors: readonly Selector[] }[];
  /** The labels that the result can have; undefined: those of its series. */
  readonly result: readonly string[] | undefined;
  /** Labels that a join brings along. */
  readonly carried: readonly string[];
}

const aggregations = new Set(['sum', 'min', 'max', 'avg', 'count', 'group', 'stddev', 'topk', 'bottomk', 'quantile']);
const functions = new Set([
  'rate', 'irate', 'increase', 'delta', 'deriv', 'histogram_quantile', 'clamp_min', 'clamp_max', 'absent', 'vector', 'time',
  'abs', 'ceil', 'floor', 'round', 'max_over_time', 'min_over_time', 'avg_over_time', 'sum_over_time', 'changes', 'resets',
]); // prettier-ignore
/** Those that need a range of time. */
const ofRanges = /^(?:i?rate|increase|delta|deriv|\w+_over_time|changes|resets)$/;
const operators = [['or'], ['and', 'unless'], ['==', '!=', '<=', '<', '>=', '>'], ['+', '-'], ['*', '/', '%'], ['^']];
const TOKEN =
  /\s*(?:("(?:[^"\\]|\\.)*")|(\d+(?:\.\d+)?(?:ms|[smhdwy])?)|(\$?[a-zA-Z_:][a-zA-Z0-9_:]*)|(=~|!~|==|!=|<=|>=|[-+*/%^<>=(){}[\],]))/y;
const nothing: Expression = { selectors: [], grouped: [], result: [], carried: [] };

/**
 * Reads an expression as Prometheus and Grafana do (prometheus.io/docs/prometheus/latest/querying/basics), as far as the
 * dashboards and rules use the language.
 * @throws Error that shows what cannot be read
 */
export function parsePromql(text: string): Expression {
  return new Parser(text).whole();
}

class Parser {
  private readonly tokens: string[] = [];
  private at = 0;

  constructor(private readonly text: string) {
    TOKEN.lastIndex = 0;
    const end = text.trimEnd().length;
    while (TOKEN.lastIndex < end) {
      const from = TOKEN.lastIndex;
      const match = TOKEN.exec(text);
      if (!match) throw new Error(`not PromQL at "${text.slice(from, from + 20)}": ${text}`);
      this.tokens.push(match.slice(1).find((part) => part !== undefined) ?? '');
    }
  }

  whole(): Expression {
    const expression = this.binary(0);
    if (this.at < this.tokens.length) this.fail('the end');
    return expression;
  }

  private binary(level: number): Expression {
    const own = operators[level];
    if (!own) return this.unary();
    let left = this.binary(level + 1);
    while (own.includes(this.peek())) {
      this.take();
      if (this.peek() === 'bool') this.take();
      left = this.joined(left, level);
    }
    return left;
  }

  /** What is behind an operator: how the series of both sides find each other, and the other side. */
  private joined(left: Expression, level: number): Expression {
    const on = ['on', 'ignoring'].includes(this.peek()) ? (this.take(), this.labels()) : [];
    const carried = ['group_left', 'group_right'].includes(this.peek()) ? (this.take(), this.labels()) : [];
    const right = this.binary(level + 1);
    const of = (labels: readonly string[], { selectors }: Expression) => labels.map((label) => ({ label, selectors }));
    return {
      selectors: [...left.selectors, ...right.selectors],
      grouped: [...left.grouped, ...right.grouped, ...of(on, left), ...of(on, right), ...of(carried, right)],
      result: left.result && [...left.result, ...carried],
      carried: [...left.carried, ...carried],
    };
  }

  private unary(): Expression {
    if (this.peek() === '-' || this.peek() === '+') this.take();
    const token = this.take();
    if (token === '(') {
      const inner = this.binary(0);
      this.expect(')');
      return inner;
    }
    if (/^\d/.test(token)) return nothing;
    if (aggregations.has(token)) return this.aggregation();
    if (this.peek() === '(') return this.call(token);
    return this.selector(token, false);
  }

  private aggregation(): Expression {
    let by = this.grouping();
    const inner = this.argumentsOf(() => this.binary(0));
    by ??= this.grouping();
    const own = (by ?? []).filter((label) => !inner.carried.includes(label));
    const grouped = own.map((label) => ({ label, selectors: inner.selectors }));
    // What an inner aggregation took away is not there any more.
    for (const { label } of grouped) if (inner.result && !inner.result.includes(label)) this.fail(`no label ${label}`);
    return { selectors: inner.selectors, grouped: [...inner.grouped, ...grouped], result: by ?? [], carried: [] };
  }

  private grouping(): string[] | undefined {
    if (this.peek() !== 'by') return undefined;
    this.take();
    return this.labels();
  }

  private call(name: string): Expression {
    if (!functions.has(name)) this.fail(`a function, not ${name}`);
    if (!ofRanges.test(name)) return this.argumentsOf(() => this.binary(0));
    return this.argumentsOf(() => this.selector(this.take(), true));
  }

  private argumentsOf(read: () => Expression): Expression {
    this.expect('(');
    const all: Expression[] = [];
    while (this.peek() !== ')') {
      if (all.length > 0) this.expect(',');
      all.push(read());
    }
    this.expect(')');
    return {
      selectors: all.flatMap(({ selectors }) => selectors),
      grouped: all.flatMap(({ grouped }) => grouped),
      result: all.at(-1)?.result,
      carried: all.at(-1)?.carried ?? [],
    };
  }

  private selector(metric: string, isRange: boolean): Expression {
    if (!/^[a-z_][a-z0-9_]*$/.test(metric)) this.fail(`a metric, not ${metric}`);
    const matchers: string[] = [];
    if (this.peek() === '{') {
      this.take();
      while (this.peek() !== '}') {
        if (matchers.length > 0) this.expect(',');
        matchers.push(this.take());
        if (!['=', '!=', '=~', '!~'].includes(this.take())) this.fail('a comparison of a label');
        if (!this.take().startsWith('"')) this.fail('a text in quotes');
      }
      this.take();
    }
    if ((this.peek() === '[') !== isRange) this.fail(isRange ? 'a range' : 'no range');
    if (isRange) {
      this.take();
      if (!/^(?:\d+(?:ms|[smhdwy])|\$__rate_interval|\$__range)$/.test(this.take())) this.fail('a duration');
      this.expect(']');
    }
    return { selectors: [{ metric, matchers }], grouped: [], result: undefined, carried: [] };
  }

  private labels(): string[] {
    this.expect('(');
    const labels: string[] = [];
    while (this.peek() !== ')') {
      if (labels.length > 0) this.expect(',');
      const label = this.take();
      if (!/^[a-z_]+$/.test(label)) this.fail('a label');
      labels.push(label);
    }
    this.take();
    return labels;
  }

  private peek(): string {
    return this.tokens[this.at] ?? '';
  }

  private take(): string {
    const token = this.tokens[this.at];
    if (token === undefined) this.fail('more');
    this.at += 1;
    return token;
  }

  private expect(token: string): void {
    if (this.take() !== token) {
      this.at -= 1;
      this.fail(token);
    }
  }

  private fail(expected: string): never {
    throw new Error(`expected ${expected} at "${this.tokens.slice(this.at, this.at + 5).join(' ')}" of: ${this.text}`);
  }
}
