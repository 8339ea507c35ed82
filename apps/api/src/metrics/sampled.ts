import type { Counter, Gauge, MetricConfiguration, Registry } from 'prom-client';

/** A value with its labels. */
export type Sample = readonly [labels: Record<string, string>, value: number];

type Kind = new (configuration: MetricConfiguration<string>) => Counter | Gauge;

/**
 * A metric that is read when it is asked for, from whoever counts anyway.
 * @param read a value; several with labels; undefined: there is none now
 */
export function sampled(
  registry: Registry,
  kind: Kind,
  name: string,
  help: string,
  read: () => number | undefined | readonly Sample[],
  labelNames: string[] = [],
): void {
  const metric = new kind({
    name,
    help,
    registers: [registry],
    labelNames,
    collect: () => {
      const value = read();
      metric.reset();
      if (value === undefined) metric.remove({});
      else if (typeof value === 'number') metric.inc(value);
      else for (const [labels, each] of value) metric.inc(labels, each);
    },
  });
}
