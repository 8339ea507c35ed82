import { describe, expect, it } from '@jest/globals';
import { Counter, Gauge, Registry } from 'prom-client';
import { sampled } from './sampled.js';

describe('sampled', () => {
  it('reads anew each time, and forgets what is not there any more', async () => {
    const registry = new Registry();
    let backends: [string, number][] = [['a', 1], ['b', 2]]; // prettier-ignore
    const read = () => backends.map(([backend, value]) => [{ backend }, value] as const);
    sampled(registry, Counter, 'maas_x_total', 'X.', read, ['backend']);
    expect(await registry.metrics()).toContain('maas_x_total{backend="a"} 1\nmaas_x_total{backend="b"} 2');
    backends = [['b', 3]];
    expect(await registry.metrics()).not.toContain('"a"');
    expect(await registry.metrics()).toContain('maas_x_total{backend="b"} 3');
  });

  it('says nothing of what is not known', async () => {
    const registry = new Registry();
    let age: number | undefined;
    sampled(registry, Gauge, 'maas_age_seconds', 'Age.', () => age);
    expect(await registry.metrics()).not.toMatch(/^maas_age_seconds/m);
    age = 4;
    expect(await registry.metrics()).toMatch(/^maas_age_seconds 4$/m);
  });
});
