import { describe, expect, it } from '@jest/globals';
import type { ClusterReport } from '@maas/contracts/cluster';
import { clusterHealth, type SourceStanding } from './cluster-health.js';

const NOW = Date.parse('2026-11-22T08:00:00Z');
const since = '2026-11-22T07:00:00.000Z';
type Watched = ClusterReport['watched'][number];
const kind = (state: Watched['state'], problem?: string): Watched => ({
  what: 'InferenceServices',
  state,
  since,
  ...(problem === undefined ? {} : { problem }),
});
const models = (report: Partial<ClusterReport>, age = 0): SourceStanding => ({
  source: 'models',
  report: {
    watched: [kind('watching')],
    found: 2,
    used: 1,
    problems: [],
    process: 'host:1',
    confirmedAt: new Date(NOW - age),
    ...report,
  },
});
const judged = (...standings: SourceStanding[]) => {
  const { status, message } = clusterHealth(standings, undefined, NOW);
  return `${status}: ${message}`;
};

it('is well where nothing is watched, and where all is in service', () => {
  expect(judged()).toBe('ok: Nothing is watched in a cluster.');
  expect(judged(models({ used: 2 }))).toBe('ok: 2 of 2 models of the cluster are in service.');
  expect(judged(models({ watched: [kind('absent')] }))).toMatch(/^ok: The cluster has none of the kinds/);
});

it('tells of a model that cannot be followed, but is not unwell by what somebody wrote in a namespace', () => {
  const problems = [{ object: 'InferenceService a/b', problem: 'x' }];
  expect(judged(models({ problems }))).toBe('ok: 1 of 2 models of the cluster are in service; see the problems of 1.');
});

it('is degraded by a document of tiers that is refused', () => {
  const tiers = {
    ...models({ problems: [{ object: 'ConfigMap a/b', problem: 'it is refused' }] }),
    source: 'tiers' as const,
  };
  expect(judged(models({}), tiers)).toBe('degraded: ConfigMap a/b: it is refused.');
});

it.each(['failing', 'forbidden'] as const)('is degraded while the watching is %s', (state) => {
  expect(judged(models({ watched: [kind('watching'), kind(state, 'why')] }))).toBe(
    `degraded: Since ${since} InferenceServices cannot be watched: why. What is known stays in service.`,
  );
});

it('is degraded when nobody watches, and when nobody can say', () => {
  expect(judged(models({}, 61_000))).toMatch(
    /^degraded: Nobody has watched the cluster for models since 2026-11-22T07:58:59/,
  );
  expect(judged({ source: 'tiers', report: undefined })).toMatch(
    /^degraded: Nobody has watched the cluster for tiers yet/,
  );
  expect(clusterHealth(undefined, undefined, NOW)).toMatchObject({ status: 'degraded', sources: [] });
});

describe('the rights in the cluster', () => {
  const namespace = 'maas-tier-gold';
  const right = (verb: string, resource: string, of: object = { namespace }) => ({ verb, resource, ...of });
  const judge = (rights: Parameters<typeof clusterHealth>[1]) => clusterHealth([], rights, NOW);

  it('are told by namespace, with what to do', () => {
    const missing = [
      right('create', 'serviceaccounts'),
      right('create', 'serviceaccounts/token'),
      right('create', 'tokenreviews', { group: 'authentication.k8s.io' }),
    ];
    const { status, message, sources } = judge({ needed: 9, missing });
    expect([status, message]).toEqual([
      'degraded',
      'The namespace maas-tier-gold: this platform may not create serviceaccounts, create serviceaccounts/token there: make it, ' +
        'if there is none, with a Role and a RoleBinding as in deploy/kustomize/tier-accounts/free.yaml. And more: see the 2 problems.',
    ]);
    expect(sources).toMatchObject([{ source: 'rights', found: 9, used: 6 }]);
    expect(sources[0]?.problems[1]).toEqual({
      object: 'The cluster',
      problem:
        'this platform may not create tokenreviews.authentication.k8s.io: bind a ClusterRole with that to its ServiceAccount',
    });
  });

  it('are well when all are there, and degraded when nobody can say', () => {
    expect(judge({ needed: 2, missing: [] }).status).toBe('ok');
    expect(judge({ trouble: 'it does not answer' })).toMatchObject({
      status: 'degraded',
      message: 'What this platform may do in the cluster cannot be found out: it does not answer.',
    });
  });
});
