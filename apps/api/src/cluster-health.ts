import type { ClusterReport } from '@maas/contracts/cluster';
import type { ClusterSource, HealthStatus, SystemHealth } from '@maas/contracts/health';

/** Who watches says every 15 s that all is as it was. */
const SILENT_MILLISECONDS = 60_000;

/** What was last said of a source. */
export interface SourceStanding {
  readonly source: ClusterSource['source'];
  /** undefined: nobody has watched it yet. */
  readonly report: (ClusterReport & { readonly process: string; readonly confirmedAt: Date }) | undefined;
}

/**
 * @param standings of all that is to be watched; undefined: the database, which has them, does not answer
 * @param now Unix milliseconds
 */
export function clusterHealth(
  standings: readonly SourceStanding[] | undefined,
  now: number,
): SystemHealth['parts']['cluster'] {
  if (!standings) {
    const message = 'How the watching of the cluster stands cannot be read; the last known state stays in service.';
    return { status: 'degraded', message, sources: [] };
  }
  if (standings.length === 0) return { status: 'ok', message: 'Nothing is watched in a cluster.', sources: [] };
  const sources = standings.map((standing) => sourceHealth(standing, now));
  const worst = sources.find(({ status }) => status !== 'ok');
  return {
    status: worst ? 'degraded' : 'ok',
    message: worst?.message ?? sources.map(({ message }) => message).join(' '),
    sources,
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
  source: ClusterSource['source'],
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
