import { expect, it } from '@jest/globals';
import { lastDays } from './days';

it('ends with today in UTC, across months and years', () =>
  expect(lastDays(3, new Date('2026-01-01T00:30:00+02:00'))).toEqual(['2025-12-29', '2025-12-30', '2025-12-31']));
