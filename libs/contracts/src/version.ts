import { z } from 'zod';

/** Guards a change against another that its maker has not seen; absent: they do not care. */
export const ReadVersion = z
  .int()
  .optional()
  .meta({ description: 'The version that was read; when it is no longer the current one, 409.' });
