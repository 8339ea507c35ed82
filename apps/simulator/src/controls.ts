import * as z from 'zod';

/**
 * What can go wrong on request, to see how a client bears it. Before the headers:
 * - `reset`: the connection is reset;
 * - `hang`: nothing is ever answered;
 * - `status_N`: an error of status N, 400 to 599.
 *
 * After `after` tokens of a stream, or in the middle of a body that is not streamed:
 * - `stall`: silence, with the connection open;
 * - `cut`: the connection is closed;
 * - `garbage`: a frame that is not JSON, after which the stream goes on; a body that is not JSON;
 * - `error_frame`: an error inside the stream, which then ends; without a stream, status 500.
 *
 * In an answer that is otherwise right:
 * - `no_usage`: the usage is missing;
 * - `wrong_usage`: the usage is ten times what it should be.
 */
const FAULTS = ['reset', 'hang', 'stall', 'cut', 'garbage', 'error_frame', 'no_usage', 'wrong_usage'] as const;

const LONGEST_WAIT_MS = 600_000;
const LONGEST_ANSWER = 200_000;

/** Milliseconds of a wait, at most ten minutes. */
export const waitMs = z.number().min(0).max(LONGEST_WAIT_MS);
/** How much each wait varies at random: 0.2 is 20 percent up or down. */
export const jitterShare = z.number().min(0).max(1);

/** The field `simulator` in the body of any request. An unknown key is refused, since it would silently do nothing. */
export const controlsSchema = z.strictObject({
  ttft_ms: waitMs.nullish(),
  token_ms: waitMs.nullish(),
  jitter: jitterShare.nullish(),
  /** The exact length of a text, unless `max_tokens` or a stop sequence ends it before. */
  tokens: z.int().min(0).max(LONGEST_ANSWER).nullish(),
  fault: z
    .union(
      [z.enum(FAULTS), z.templateLiteral(['status_', z.int()]).refine((fault) => /^status_[45]\d\d$/.test(fault))],
      {
        error: `must be one of ${FAULTS.join(', ')}, status_400 to status_599`,
      },
    )
    .nullish(),
  /** Tokens before a fault within a stream; if the answer is shorter, the fault comes at its end. */
  after: z.int().min(0).max(LONGEST_ANSWER).nullish(),
});

export type Controls = z.infer<typeof controlsSchema>;
export type Fault = NonNullable<Controls['fault']>;
