import { readFileSync } from 'node:fs';
import { contradictions } from './contradictions.js';
import { Environment, type Settings } from './environment.js';
import { isOtelSetting } from './otel-environment.js';

type Derived = 'LIMITS' | 'MAAS_MAX_PROCESSES' | 'TOKEN_AUDIENCE';

export type Config = Readonly<
  Omit<Settings, Derived> &
    Required<{ [Name in Derived]: NonNullable<Settings[Name]> }> & {
      /** What is wrong with settings of OpenTelemetry's, for which their defaults are taken; never a value. */
      otelProblems: readonly string[];
    }
>;

/** The injection token of the settings. */
export const CONFIG = Symbol('config');

/** The environment is not usable; `message` lists every problem, never a value. */
export class ConfigError extends Error {}

/**
 * Reads and checks the settings.
 * @throws ConfigError that names every variable that is wrong
 */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const problems: string[] = [];
  const otelProblems: string[] = [];
  const values: Record<string, string> = {};
  for (const name of Object.keys(Environment.shape)) {
    const value = valueOf(name, environment, problems);
    // An empty variable is one that a compose file or a chart left blank: absent.
    if (value !== undefined && value.trim() !== '') values[name] = value;
  }
  // One by one: what contradicts each other is listed together with what is wrong by itself.
  const settings: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(Environment.shape)) {
    const parsed = schema.safeParse(values[name]);
    const isOtel = isOtelSetting(name);
    const value = isOtel && parsed.error ? schema.parse(undefined) : parsed.data;
    if (value !== undefined) settings[name] = value;
    for (const message of new Set(parsed.error?.issues.map((issue) => issue.message)))
      (isOtel ? otelProblems : problems).push(`${name} ${message}`);
  }
  const sound = settings as Partial<Settings>;
  problems.push(...contradictions(sound, values));
  if (problems.length > 0) {
    throw new ConfigError(`The environment is not usable:\n${problems.map((line) => `  - ${line}`).join('\n')}`);
  }
  const whole = settings as Settings;
  return {
    ...whole,
    otelProblems,
    LIMITS: whole.LIMITS ?? whereLimitsAreCounted(whole),
    // During a rolling update the new ones run beside the old ones.
    MAAS_MAX_PROCESSES: whole.MAAS_MAX_PROCESSES ?? Math.max(LEAST_PROCESSES, 2 * whole.WEB_CONCURRENCY),
    TOKEN_AUDIENCE: whole.TOKEN_AUDIENCE ?? `${whole.INSTANCE_NAME}-sa`,
  };
}

const LEAST_PROCESSES = 4;

/** Never silently so that each process counts for itself: who has a database of their own may start a second process. */
function whereLimitsAreCounted({ REDIS_URL, DATABASE_URL, WEB_CONCURRENCY }: Settings): Config['LIMITS'] {
  if (REDIS_URL !== undefined) return 'redis';
  return DATABASE_URL === undefined && WEB_CONCURRENCY === 1 ? 'process' : 'postgres';
}

function valueOf(name: string, environment: NodeJS.ProcessEnv, problems: string[]): string | undefined {
  const file = environment[`${name}_FILE`];
  if (file === undefined || file === '') return environment[name];
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    problems.push(`${name}_FILE names a file that cannot be read`);
    return undefined;
  }
}
