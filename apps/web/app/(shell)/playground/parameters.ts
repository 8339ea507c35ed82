import type { ChatParameters } from './stream-answer';

/** The parameters as they stand in the form: empty means that the model decides. */
export interface ParameterForm {
  system: string;
  temperature: string;
  topP: string;
  maxTokens: string;
  /** One sequence a line; `\n` within a line stands for a line end. */
  stop: string;
}

export const initialForm: ParameterForm = { system: '', temperature: '', topP: '', maxTokens: '', stop: '' };

type ParameterName = Exclude<keyof ParameterForm, 'system'>;
type Problem = 'number' | 'whole' | 'many';

const MOST_STOPS = 4;

/** What is sent, and what is wrong (OpenAI API reference, "Create chat completion": the bounds of each). */
export function readParameters(form: ParameterForm): {
  parameters: ChatParameters;
  problems: Partial<Record<ParameterName, Problem>>;
} {
  const problems: Partial<Record<ParameterName, Problem>> = {};
  const temperature = numberIn(form.temperature, 0, 2);
  const topP = numberIn(form.topP, 0, 1);
  const maxTokens = numberIn(form.maxTokens, 1, Number.MAX_SAFE_INTEGER);
  if (Number.isNaN(temperature)) problems.temperature = 'number';
  if (Number.isNaN(topP)) problems.topP = 'number';
  if (maxTokens !== undefined && !Number.isInteger(maxTokens)) problems.maxTokens = 'whole';
  const stop = form.stop
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replaceAll(String.raw`\n`, '\n'));
  if (stop.length > MOST_STOPS) problems.stop = 'many';
  return {
    problems,
    parameters: {
      ...(form.system.trim() !== '' && { system: form.system }),
      ...(temperature !== undefined && { temperature }),
      ...(topP !== undefined && { topP }),
      ...(maxTokens !== undefined && { maxTokens }),
      ...(stop.length > 0 && { stop }),
    },
  };
}

/** undefined where nothing is written, NaN where it is no number within the bounds. */
function numberIn(text: string, least: number, most: number): number | undefined {
  const written = text.trim().replace(',', '.');
  if (written === '') return undefined;
  const value = Number(written);
  return value >= least && value <= most ? value : Number.NaN;
}
