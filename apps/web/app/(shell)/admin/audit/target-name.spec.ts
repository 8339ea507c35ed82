import { expect, it } from '@jest/globals';
import { targetName } from './target-name';

const targetId = '01a20061-238c-75f6-b484-9e3c2f8f0a11';

it.each([
  [null, { username: 'ada', name: 'x' }, 'ada'],
  [{ displayName: 'Free', name: 'free' }, { displayName: '', name: 'basic' }, 'basic'],
  [{ name: 'ci' }, null, 'ci'],
  [null, { name: null }, targetId],
  ['text', 7, targetId],
])('the target with the states %j and %j is called %s', (before, after, name) =>
  expect(targetName({ before, after, targetId })).toBe(name),
);
