import { z } from 'zod';

/** An instant of a query. @param name of the parameter, for the message */
function instantOf(name: string) {
  const error = `${name} must be an RFC 3339 instant such as 2026-01-31T00:00:00Z, not before 1970`;
  return z.iso.datetime({ offset: true, error }).refine((text) => Date.parse(text) >= 0, error);
}

/** The parameters `from` and `to` of a query, which say nothing of what is taken when they are absent. */
export const timeRange = {
  from: instantOf('from').optional().meta({ description: 'Start, inclusive.' }),
  to: instantOf('to').optional().meta({ description: 'End, exclusive. Default: now.' }),
};
