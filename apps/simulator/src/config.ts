import * as z from 'zod';
import { jitterShare, waitMs } from './controls.js';
import type { SimulatorOptions } from './server.js';

export interface Config {
  host: string;
  port: number;
  options: SimulatorOptions;
}

const number = z
  .string()
  .regex(/^\d+(\.\d+)?$/, 'expected a number')
  .transform(Number);

/** `a, b` as a list; an empty list is the same as none. */
const list = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((id) => id.trim())
      .filter((id) => id !== ''),
  )
  .transform((ids) => (ids.length > 0 ? ids : undefined));

/** The defaults look alive to a person: 40 ms to the first token, then about 65 tokens a second. */
const environment = z.object({
  /** 0 takes any free port. */
  SIMULATOR_PORT: number.pipe(z.int().max(65_535)).default(8000),
  SIMULATOR_HOST: z.string().default('127.0.0.1'),
  /** Comma-separated ids. Other ids are then refused with 404. */
  SIMULATOR_MODELS: list.optional(),
  SIMULATOR_TTFT_MS: number.pipe(waitMs).default(40),
  SIMULATOR_TOKEN_MS: number.pipe(waitMs).default(15),
  SIMULATOR_JITTER: number.pipe(jitterShare).default(0.2),
});

/**
 * Reads the environment; an empty value counts as absent.
 * @throws Error that lists every variable that is wrong
 */
export function readConfig(variables: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value?.trim()));
  const result = environment.safeParse(given);
  if (!result.success) {
    const problems = result.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
    throw new Error(`The configuration of the simulator is wrong:\n${problems.join('\n')}`);
  }
  const env = result.data;
  return {
    host: env.SIMULATOR_HOST,
    port: env.SIMULATOR_PORT,
    options: {
      models: env.SIMULATOR_MODELS,
      pace: { ttftMs: env.SIMULATOR_TTFT_MS, tokenMs: env.SIMULATOR_TOKEN_MS, jitter: env.SIMULATOR_JITTER },
    },
  };
}

/** The configuration of this process. */
export function readEnvironment(): Config {
  return readConfig(process.env);
}
