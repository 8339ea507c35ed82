import type { CompletionUsage } from 'openai/resources/completions';
import type { Fault } from './controls.js';

const WRONG_FACTOR = 10;

/** The usage that an answer reports, or undefined when the fault is to report none. */
export function reportedUsage(
  promptTokens: number,
  completionTokens: number,
  fault: Fault | null | undefined,
): CompletionUsage | undefined {
  if (fault === 'no_usage') return undefined;
  const factor = fault === 'wrong_usage' ? WRONG_FACTOR : 1;
  return {
    prompt_tokens: promptTokens * factor,
    completion_tokens: completionTokens * factor,
    total_tokens: (promptTokens + completionTokens) * factor,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
