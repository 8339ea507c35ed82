import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { signInErrors } from '@maas/contracts/sessions';

const catalogue = JSON.parse(readFileSync(new URL('../messages/en.json', import.meta.url), 'utf8')) as {
  signIn: { errors: Record<string, string> };
};

it('every error that a sign-in can end with has its words', () =>
  expect(catalogue.signIn.errors).toEqual({ ...signInErrors }));
