import { expect, it } from '@jest/globals';
import { fileNameOf } from './server-file';

it.each([
  ['attachment; filename="usage_2026-01-01_2026-01-31.csv"', 'usage_2026-01-01_2026-01-31.csv'],
  ['attachment; filename=usage.csv; size=3', 'usage.csv'],
  ['attachment', 'download'],
  [null, 'download'],
])('reads the name out of %s', (header, name) => expect(fileNameOf(header)).toBe(name));
