import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadYaml } from '@kubernetes/client-node';
import { MetricsServer } from '../src/metrics/metrics-server.service.js';
import { SnapshotService } from '../src/snapshot/snapshot.service.js';
import { parseExposition } from './exposition.js';
import { answerBriefly, type FakeModel, startFakeModel } from './fake-model.js';
import { startWatchableCluster, type WatchableCluster } from './fake-kubernetes-watch.js';
import { chat, type Harness, startHarness } from './harness.js';
import { type Expression, parsePromql } from './promql.js';
import { chunk, DONE, eventually, openAnswer, usageChunk } from './streams.js';

interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: { type: string; title: string; gridPos: Box; targets?: Target[] }[];
  readonly templating: { list: { name: string; type: string; query: string | { query: string } }[] };
}
type Box = Record<'x' | 'y' | 'w' | 'h', number>;
type Target = { expr: string; legendFormat: string };
interface Rules {
  readonly groups: { rules: { alert: string; expr: string; annotations: Record<string, string> }[] }[];
}

const folder = new URL('../../../deploy/observability/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');
const dashboards = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(read(name)) as Dashboard);
const rules = loadYaml<Rules>(read('prometheus-rules.yaml')).groups.flatMap((group) => group.rules);
const targets = dashboards.flatMap(({ panels }) => panels.flatMap((panel) => panel.targets ?? []));
/** Prometheus' own: what a target is called, and whether it answers; `worker` where several share a port. */
const targetLabels = ['instance', 'job', 'worker'];
const ownMetrics = new Set(['up']);

let maas: Harness;
let backend: FakeModel;
let cluster: WatchableCluster;
/** The labels of every metric of a process that has done all there is to do. */
let exported: Map<string, Set<string>>;

const labelsOf = async () => {
  const answer = await fetch(`${maas.nest.get(MetricsServer).url}/metrics`);
  const { series } = parseExposition(await answer.text());
  const names = new Map<string, Set<string>>();
  for (const { name, labels } of series) {
    const known = names.get(name) ?? new Set(targetLabels);
    for (const label of Object.keys(labels)) known.add(label);
    names.set(name, known);
  }
  return names;
};

beforeAll(async () => {
  cluster = await startWatchableCluster();
  const watched = { KSERVE_DISCOVERY: 'true', KUBERNETES_CLUSTER: cluster.kubeconfig };
  maas = await startHarness({ METRICS_PORT: '0', ...watched });
  maas.nest.get(SnapshotService).start();
  backend = await startFakeModel();
  await maas.addModel('fake', backend.url, { maxOutputTokens: 100 });
  await maas.addModel('gone', 'http://127.0.0.1:9/v1');
  await maas.admin('/tiers/free', { method: 'PATCH', body: { requestsPerMinute: 4 } });
  const token = await maas.accessToken('free');
  const ask = (model: string) => maas.call('/v1/chat/completions', { token, body: chat('hi', { model }) });
  backend.behave((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(chunk('Hello') + chunk(' there') + usageChunk(5, 2) + DONE);
  });
  const body = chat('hi', { model: 'fake', stream: true });
  await (await openAnswer(`${maas.url}/v1/chat/completions`, token, body)).rest();
  backend.behave(answerBriefly);
  const answers = [];
  for (const model of ['fake', 'gone', 'fake', 'fake', 'fake']) answers.push((await ask(model)).status);
  if (String(answers) !== '200,503,200,429,429') throw new Error(`the traffic is another one: ${String(answers)}`);
  const names = [
    'maas_limit_refusals_total',
    'maas_snapshot_age_seconds',
    'maas_cluster_objects',
    'nodejs_gc_duration_seconds_sum',
  ];
  await eventually(async () => {
    exported = await labelsOf();
    return names.every((name) => exported.has(name));
  }, 'all of it is exported');
});
afterAll(async () => {
  await backend.close();
  await maas.stop();
  await cluster.close();
});

/** What of an expression is not exported. */
function missingOf({ selectors, grouped }: Expression): string[] {
  const isThere = (metric: string, label: string) => exported.get(metric)?.has(label) ?? targetLabels.includes(label);
  const labels = [
    ...selectors.flatMap(({ metric, matchers }) => matchers.map((label) => [metric, label] as const)),
    ...grouped.flatMap(({ label, selectors: of }) => of.map(({ metric }) => [metric, label] as const)),
  ];
  const metrics = selectors.map(({ metric }) => metric).filter((each) => !exported.has(each) && !ownMetrics.has(each));
  return [
    ...metrics,
    ...labels.filter(([metric, label]) => !isThere(metric, label)).map(([metric, label]) => `${metric}{${label}}`),
  ];
}

/** Labels of the result that a text names which the result has not. */
function missingIn(text: string, pattern: RegExp, { selectors, result }: Expression): string[] {
  const named = [...text.matchAll(pattern)].map(([, label = '']) => label);
  const has = (label: string) =>
    result
      ? result.includes(label)
      : selectors.some(({ metric }) => exported.get(metric)?.has(label) ?? targetLabels.includes(label));
  return named.filter((label) => !has(label));
}

describe('the dashboards', () => {
  it('are two, each with a name of its own, and ask for something in each panel', () => {
    expect(dashboards.map(({ uid }) => uid).toSorted()).toEqual(['maas-operations', 'maas-usage']);
    for (const { panels } of dashboards) {
      const shown = panels.filter(({ type }) => type !== 'row');
      expect(shown.length).toBeGreaterThan(10);
      expect(shown.filter((panel) => !panel.targets?.length)).toEqual([]);
    }
  });

  it('have no panel that hides another one', () => {
    for (const { panels } of dashboards) {
      const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`),
      );
      expect(new Set(cells).size).toBe(cells.length);
      expect(panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
    }
  });

  it('ask for nothing that a process does not export', () => {
    expect(targets.length).toBeGreaterThan(30);
    for (const { expr } of targets)
      expect({ expr, missing: missingOf(parsePromql(expr)) }).toEqual({ expr, missing: [] });
  });

  it('name no label in a legend that the result does not have', () => {
    for (const { expr, legendFormat } of targets) {
      const missing = missingIn(legendFormat, /\{\{(\w+)\}\}/g, parsePromql(expr));
      expect({ legendFormat, missing }).toEqual({ legendFormat, missing: [] });
    }
  });

  it('use the variables that they declare, whose values are there', () => {
    for (const { templating, panels } of dashboards) {
      const declared = templating.list.map(({ name }) => name);
      const used = panels.flatMap(({ targets: of }) =>
        (of ?? []).flatMap(({ expr }) => [...expr.matchAll(/\$(?!__)(\w+)/g)].map(([, name = '']) => name)),
      );
      expect([...new Set(used)].toSorted()).toEqual(declared.filter((name) => name !== 'datasource').toSorted());
      for (const { type, query } of templating.list) {
        if (type !== 'query' || typeof query === 'string') continue;
        const [, metric = '', label = ''] = /^label_values\((\w+), (\w+)\)$/.exec(query.query) ?? [];
        expect([...(exported.get(metric) ?? [])]).toContain(label);
      }
    }
  });
});

describe('the alerts', () => {
  it('ask for nothing that a process does not export', () => {
    expect(rules.length).toBeGreaterThan(8);
    for (const { alert, expr } of rules) {
      expect({ alert, missing: missingOf(parsePromql(expr)) }).toEqual({ alert, missing: [] });
    }
  });

  it('are there for what is gone as a whole, too, which has no metric to compare', () => {
    const expressionOf = (name: string) => rules.find(({ alert }) => alert === name)?.expr ?? '';
    const [, target = 'none'] = /^(up\{.*\}) == 0$/.exec(expressionOf('MaasProcessDown')) ?? [];
    expect(expressionOf('MaasGone')).toContain(`absent(${target})`);
    expect(expressionOf('MaasGone')).toContain(`max_over_time(${target}[1h])) unless group by (job) (${target})`);
  });

  it('say what is the matter, with labels that the result has', () => {
    for (const { alert, expr, annotations } of rules) {
      const { summary = '', description = '' } = annotations;
      expect(summary.length).toBeGreaterThan(10);
      expect(description.length).toBeGreaterThan(10);
      const missing = missingIn(summary + description, /\$labels\.(\w+)/g, parsePromql(expr));
      expect({ alert, missing }).toEqual({ alert, missing: [] });
    }
  });
});

describe('the names', () => {
  it('of all metrics of ours are in the operator’s guide', () => {
    const guide = readFileSync(new URL('../../../docs/operate.md', import.meta.url), 'utf8');
    const names = new Set([...exported.keys()].map((name) => name.replace(/_(?:bucket|sum|count)$/, '')));
    const ours = [...names].filter((name) => name.startsWith('maas_'));
    expect(ours.length).toBeGreaterThan(25);
    expect(ours.filter((name) => !guide.includes(`\`${name}\``))).toEqual([]);
  });
});
