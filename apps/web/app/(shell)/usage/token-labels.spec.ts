import { expect, it } from '@jest/globals';
import type { UsageRow } from '@maas/contracts/usage';
import { tokenLabels } from './token-labels';

const row = (token: string, tokenName: string | null) => ({ token, tokenName }) as UsageRow;

it('tells tokens of the same name apart, and only those', () =>
  expect([
    ...tokenLabels(
      [row('a-1111', 'ci'), row('a-2222', 'ci'), row('a-1111', 'ci'), row('a-3333', 'laptop'), row('a-4444', null)],
      'Unnamed',
    ),
  ]).toEqual([
    ['a-1111', 'ci …1111'],
    ['a-2222', 'ci …2222'],
    ['a-3333', 'laptop'],
    ['a-4444', 'Unnamed'],
  ]));
