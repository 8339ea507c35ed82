import type { TierRules } from './tiers/assignment.js';
import type { LimiterState } from './tiers/limiter.service.js';
import type { JournalRoom } from './usage/journal-quota.js';
import type { HealthStatus, SystemHealth } from '@maas/contracts/health';

type Parts = SystemHealth['parts'];

const SLOW_DATABASE_MILLISECONDS = 250;
/** A change is to act within a second. */
const LATE_SECONDS = 2;
const LARGE_BACKLOG = 5000;
const MODELS_SHOWN = 20;
const TIERS_NAMED = 5;
const TROUBLES_SAID = 3;
const severity: readonly HealthStatus[] = ['ok', 'degraded', 'down'];

export function worstOf(statuses: readonly HealthStatus[]): HealthStatus {
  return severity[Math.max(0, ...statuses.map((status) => severity.indexOf(status)))] ?? 'down';
}

/** @param latencyMs of a question to it; null: no answer */
export function databaseHealth(latencyMs: number | null, embedded: boolean): Parts['database'] {
  const facts = { latencyMs, embedded };
  if (latencyMs === null) {
    return {
      ...facts,
      status: 'down',
      message:
        'The database does not answer. Requests to models go on with what is known; nothing can be changed or issued, and usage waits in the journal.',
    };
  }
  if (latencyMs > SLOW_DATABASE_MILLISECONDS) {
    return { ...facts, status: 'degraded', message: `The database takes ${latencyMs} ms to answer; look at its load.` };
  }
  return { ...facts, status: 'ok', message: `The database answers within ${latencyMs} ms.` };
}

/** @param behind changes that are not read yet, and the age of the oldest; undefined: nobody can say */
export function feedHealth(behind: { count: number; seconds: number } | undefined): Parts['changeFeed'] {
  if (!behind) {
    return {
      status: 'degraded',
      message: 'Whether there are changes cannot be read; the last known state stays in service.',
      behind: null,
      lagSeconds: null,
    };
  }
  const facts = { behind: behind.count, lagSeconds: behind.count === 0 ? 0 : behind.seconds };
  if (behind.count === 0) return { ...facts, status: 'ok', message: 'Every change acts in this process.' };
  if (behind.seconds < LATE_SECONDS) return { ...facts, status: 'ok', message: 'The newest changes are being read.' };
  return {
    ...facts,
    status: 'degraded',
    message: `Changes of the last ${Math.round(behind.seconds)} s do not act in this process yet.`,
  };
}

/**
 * @param room how the journal stands with its quota
 * @param refused the tiers whose requests are refused for it; undefined: all
 */
export function usageHealth(
  { backlogRows, journalWritable }: Pick<Parts['usage'], 'backlogRows' | 'journalWritable'>,
  { bytes, quotaBytes, state }: JournalRoom,
  refused: readonly string[] | undefined,
): Parts['usage'] {
  const accepting = refused !== undefined;
  const facts = { backlogRows, journalWritable, journalBytes: bytes, journalQuotaBytes: quotaBytes, accepting };
  if (!journalWritable) {
    const why =
      state === 'full'
        ? 'The usage journal holds all that USAGE_JOURNAL_QUOTA allows'
        : 'The usage journal cannot be written';
    const remedy =
      state === 'full'
        ? 'it goes on when the database takes rows again, or with a larger quota'
        : 'make room in MAAS_DATA_DIR';
    if (!accepting) return { ...facts, status: 'down', message: `${why}, so inference is refused: ${remedy}.` };
    const but = refused.length === 0 ? '' : `, and inference is refused to ${listed(refused)}`;
    return { ...facts, status: 'degraded', message: `${why}, so usage is in memory alone${but}: ${remedy}.` };
  }
  if (state === 'scarce') {
    const share = Math.floor((100 * bytes) / quotaBytes);
    return {
      ...facts,
      status: 'degraded',
      message: `The usage journal holds ${share} % of what USAGE_JOURNAL_QUOTA allows: bring the database back, or raise it.`,
    };
  }
  if (backlogRows > LARGE_BACKLOG) {
    return { ...facts, status: 'degraded', message: `${backlogRows} rows of usage wait for the database.` };
  }
  return { ...facts, status: 'ok', message: 'Usage is written as it comes.' };
}

/** @param tiers that there are, with what each says of its own */
export function limiterHealth(
  { mode, state, since, why, whenUnavailable, admittedInFallback, timeouts, conflict }: LimiterState,
  tiers: readonly Pick<TierRules, 'name' | 'limitsWhenUnavailable'>[],
): Parts['limiter'] {
  const facts = { state, since, whenUnavailable, admittedInFallback, timeouts };
  const kind = mode === 'process' ? 'memory' : mode;
  if (conflict !== undefined) return { ...facts, status: 'degraded', kind, message: conflict };
  if (mode === 'process') {
    return { ...facts, status: 'ok', kind, message: 'Limits are counted in this process alone.' };
  }
  if (state !== 'fallback') {
    return { ...facts, status: 'ok', kind, message: `All processes count limits in ${mode} together.` };
  }
  const policies = new Set(tiers.map((tier) => tier.limitsWhenUnavailable ?? whenUnavailable));
  if (policies.size === 0) policies.add(whenUnavailable);
  const parts = [...policies].map((policy) => {
    const names = tiers.filter((tier) => (tier.limitsWhenUnavailable ?? whenUnavailable) === policy).map(({ name }) => name); // prettier-ignore
    return policies.size === 1 ? meanwhile[policy] : `${meanwhile[policy]} (${listed(names)})`;
  });
  const message = `Since ${since} limits cannot be counted in ${mode} (${why}): ${parts.join('; ')}.`;
  const refusesAll = policies.size === 1 && policies.has('strict');
  return { ...facts, status: refusesAll ? 'down' : 'degraded', kind, message };
}

const meanwhile = {
  strict: 'inference is refused with 503',
  share: 'this process grants its share of each limit',
  open: 'requests are let in without limits',
};

function listed(names: readonly string[]): string {
  const more = names.length - TIERS_NAMED;
  return more > 0 ? `${names.slice(0, TIERS_NAMED).join(', ')} and ${more} more` : names.join(', ');
}

/** @param troubles what is wrong with them, a sentence each */
export function keysHealth(troubles: readonly string[]): Parts['keys'] {
  if (troubles.length === 0)
    return { status: 'ok', message: 'The keys for tokens and credentials are at hand.', problems: 0 };
  const more = troubles.length - TROUBLES_SAID;
  const said = troubles.slice(0, TROUBLES_SAID).join(' ');
  const message = more > 0 ? `${said} And ${more} more: the log has them.` : said;
  return { status: 'degraded', message, problems: troubles.length };
}

/** @param models that are enabled @param backends that take requests as far as they are configured to */
export function backendsHealth(
  models: readonly { id: string; ready: boolean }[],
  backends: readonly { ready: boolean }[],
): Parts['backends'] {
  const up = backends.filter(({ ready }) => ready).length;
  const down = backends.length - up;
  const dead = models.filter(({ ready }) => !ready).map(({ id }) => id);
  const facts = { up, down, modelsDown: dead.slice(0, MODELS_SHOWN) };
  if (models.length === 0) return { ...facts, status: 'ok', message: 'No model is registered and enabled.' };
  if (dead.length === models.length) return { ...facts, status: 'down', message: 'No model can be answered for.' };
  if (dead.length > 0) {
    return { ...facts, status: 'degraded', message: `Nobody answers for ${facts.modelsDown.join(', ')}.` };
  }
  if (down > 0) {
    return {
      ...facts,
      status: 'degraded',
      message: `${down} of ${up + down} backends are down; others answer for them.`,
    };
  }
  return { ...facts, status: 'ok', message: 'All backends take requests.' };
}
