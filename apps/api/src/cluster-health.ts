import type { ClusterProblem, ClusterReport } from '@maas/contracts/cluster';
import type { ClusterSource, HealthStatus, SystemHealth } from '@maas/contracts/health';
import type { ClusterRight } from './kubernetes/cluster-right.js';

/** Who watches says every 15 s that all is as it was. */
const SILENT_MILLISECONDS = 60_000;

/** What was last said of a source. */
export interface SourceStanding {
  readonly source: 'models' | 'tiers';
  /** undefined: nobody has watched it yet. */
  readonly report: (ClusterReport & { readonly process: string; readonly confirmedAt: Date }) | undefined;
}

/** Which rights this process has in the cluster, of those that it needs; or why nobody can say. */
export type RightsStanding =
  { readonly needed: number; readonly missing: readonly ClusterRight[] } | { readonly trouble: string };

/**
 * @param standings of all that is to be watched; undefined: the database, which has them, does not answer
 * @param rights undefined: none are needed
 * @param now Unix milliseconds
 */
export function clusterHealth(
  standings: readonly SourceStanding[] | undefined,
  rights: RightsStanding | undefined,
  now: number,
): SystemHealth['parts']['cluster'] {
  const ofRights = rights ? [rightsHealth(rights, now)] : [];
  if (!standings) {
    const message = 'How the watching of the cluster stands cannot be read; the last known state stays in service.';
    return { status: 'degraded', message, sources: ofRights };
  }
  const sources = [...standings.map((standing) => sourceHealth(standing, now)), ...ofRights];
  if (sources.length === 0) return { status: 'ok', message: 'Nothing is watched in a cluster.', sources: [] };
  const worst = sources.find(({ status }) => status !== 'ok');
  return {
    status: worst ? 'degraded' : 'ok',
    message: worst?.message ?? sources.map(({ message }) => message).join(' '),
    sources,
  };
}

function rightsHealth(rights: RightsStanding, now: number): ClusterSource {
  const facts = { source: 'rights' as const, watched: [], process: null, confirmedAt: new Date(now).toISOString() };
  if ('trouble' in rights) {
    const message = `What this platform may do in the cluster cannot be found out: ${rights.trouble}.`;
    return { ...facts, status: 'degraded', message, found: 0, used: 0, problems: [] };
  }
  const { needed, missing } = rights;
  const counts = { found: needed, used: needed - missing.length };
  const problems = [...Map.groupBy(missing, ({ namespace }) => namespace)].map(([, of]) => lacking(of));
  const [first] = problems;
  const more = problems.length > 1 ? ` And more: see the ${problems.length} problems.` : '';
  if (!first) return { ...facts, ...counts, status: 'ok', message: 'All rights in the cluster are there.', problems };
  return { ...facts, ...counts, status: 'degraded', message: `${first.object}: ${first.problem}.${more}`, problems };
}

/** @param missing in one namespace, or in the whole cluster */
function lacking(missing: readonly ClusterRight[]): ClusterProblem {
  const [{ namespace } = { namespace: undefined }] = missing;
  const names = missing.map(({ verb, resource, group }) => `${verb} ${resource}${group === undefined ? '' : `.${group}`}`); // prettier-ignore
  const problem = `this platform may not ${names.join(', ')}`;
  if (namespace === undefined) {
    return { object: 'The cluster', problem: `${problem}: bind a ClusterRole with that to its ServiceAccount` };
  }
  return {
    object: `The namespace ${namespace}`,
    problem: `${problem} there: make it, if there is none, with a Role and a RoleBinding as in deploy/kustomize/tier-accounts/free.yaml`,
  };
}

function sourceHealth({ source, report }: SourceStanding, now: number): ClusterSource {
  if (!report) {
    const message = `Nobody has watched the cluster for ${source} yet: a process with MAAS_ROLE all or api does.`;
    const nothing = { watched: [], found: 0, used: 0, problems: [], process: null, confirmedAt: null };
    return { source, status: 'degraded', message, ...nothing };
  }
  const { confirmedAt, ...said } = report;
  return { source, ...judge(source, report, now), ...said, confirmedAt: confirmedAt.toISOString() };
}

function judge(
  source: SourceStanding['source'],
  { confirmedAt, watched, found, used, problems, process }: NonNullable<SourceStanding['report']>,
  now: number,
): { status: HealthStatus; message: string } {
  if (now - confirmedAt.getTime() > SILENT_MILLISECONDS) {
    return {
      status: 'degraded',
      message: `Nobody has watched the cluster for ${source} since ${confirmedAt.toISOString()} (${process} did); what was known then stays in service.`,
    };
  }
  const failing = watched.find(({ state }) => state === 'failing' || state === 'forbidden');
  if (failing) {
    return {
      status: 'degraded',
      message: `Since ${failing.since} ${failing.what} cannot be watched: ${failing.problem}. What is known stays in service.`,
    };
  }
  const [problem] = problems;
  if (source === 'tiers' && problem) {
    return {
      status: 'degraded',
      message: `${problem.object}: ${problem.problem}.`,
    };
  }
  const kinds = watched.filter(({ state }) => state !== 'absent');
  if (kinds.length === 0) {
    return { status: 'ok', message: 'The cluster has none of the kinds of KServe; they are looked for again.' };
  }
  const rest = problems.length > 0 ? `; see the problems of ${problems.length}` : '';
  return { status: 'ok', message: `${used} of ${found} ${source} of the cluster are in service${rest}.` };
}
