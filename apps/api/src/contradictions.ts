import type { Settings } from './environment.js';

/**
 * What is wrong with settings that are right each by itself, each with what to do.
 * @param sound those that are right by themselves
 * @param values all that were given
 */
export function contradictions(sound: Partial<Settings>, values: Readonly<Record<string, string>>): string[] {
  return [
    ...missingOf(values),
    ...generalProblems(sound, values),
    ...concurrencyProblems(sound),
    ...clusterProblems(sound),
  ];
}

function generalProblems(sound: Partial<Settings>, values: Readonly<Record<string, string>>): string[] {
  const { MAAS_ROLE = 'all', LIMITS, PORT, METRICS_PORT } = sound;
  const problems: string[] = [];
  if (MAAS_ROLE !== 'all' && values['DATABASE_URL'] === undefined) {
    problems.push(`MAAS_ROLE is ${MAAS_ROLE}, so DATABASE_URL must be set too: it is what the roles share`);
  }
  if (LIMITS === 'redis' && values['REDIS_URL'] === undefined) {
    problems.push('LIMITS is redis, so REDIS_URL must be set too');
  }
  if (METRICS_PORT !== undefined && METRICS_PORT !== 0 && METRICS_PORT === PORT) {
    problems.push('METRICS_PORT is the same as PORT: metrics need a port of their own');
  }
  return problems;
}

/** What cannot be exact with several processes on one port is refused rather than done otherwise than was asked for. */
function concurrencyProblems({ WEB_CONCURRENCY: workers, LIMITS, MAAS_MAX_PROCESSES: most }: Partial<Settings>) {
  const problems: string[] = [];
  if (workers === undefined) return problems;
  if (workers > 1 && LIMITS === 'process') {
    problems.push(
      `LIMITS is process, and WEB_CONCURRENCY starts ${workers} processes, each of which would count for itself: people would ` +
        `get ${workers} times their limits. Set LIMITS=postgres, or LIMITS=redis and REDIS_URL, or WEB_CONCURRENCY=1`,
    );
  }
  if (most !== undefined && most < workers) {
    problems.push(
      `MAAS_MAX_PROCESSES is less than the ${workers} processes that WEB_CONCURRENCY starts: set it to the most that run at ` +
        'once, on all machines and during a rolling update, or leave it out',
    );
  }
  return problems;
}

/** What only a cluster can do needs one. */
function clusterProblems(settings: Partial<Settings>): string[] {
  const problems: string[] = [];
  const byCluster = settings.TOKEN_ISSUER === 'serviceaccount';
  const wanted = [
    ...(byCluster ? ['TOKEN_ISSUER=serviceaccount'] : []),
    ...(['ADMIN_ACCESS_REVIEW', 'MODEL_ACCESS_REVIEW'] as const).filter((name) => settings[name] !== undefined),
  ];
  if (settings.KUBERNETES_AUTH === 'off' && wanted.length > 0) {
    problems.push(
      `KUBERNETES_AUTH is off, and ${wanted.join(' and ')} needs a cluster: set it to in-cluster, or to the path of a kubeconfig`,
    );
  }
  if (settings.MODEL_ACCESS_REVIEW?.name !== undefined) {
    problems.push('MODEL_ACCESS_REVIEW names name, which is the id of each model: leave it out');
  }
  return problems;
}

/** Settings that mean nothing without others: those that begin so need all of these. */
export const settingGroups = [
  { prefix: 'TLS_', needs: ['TLS_CERT_FILE', 'TLS_KEY_FILE'] },
  { prefix: 'OIDC_', needs: ['OIDC_ISSUER', 'OIDC_CLIENT_ID'] },
  { prefix: 'OPENSHIFT_', needs: ['OPENSHIFT_OAUTH_URL', 'OPENSHIFT_CLIENT_ID', 'OPENSHIFT_CLIENT_SECRET'] },
] as const;

function missingOf(values: Readonly<Record<string, string>>): string[] {
  return settingGroups.flatMap(({ prefix, needs }) => {
    const given = Object.keys(values).filter((name) => name.startsWith(prefix));
    const missing = needs.filter((name) => values[name] === undefined);
    if (given.length === 0 || missing.length === 0) return [];
    const verb = missing.length === 1 ? 'is' : 'are';
    const why =
      missing.length < needs.length ? '' : `, which ${given.join(' and ')} ${given.length === 1 ? 'needs' : 'need'}`;
    return [`${listed(needs)} go together: ${listed(missing)} ${verb} missing${why}`];
  });
}

function listed(names: readonly string[]): string {
  return names.join(', ').replace(/, ([^,]*)$/, ' and $1');
}
