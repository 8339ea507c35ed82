import { describe, expect, it } from '@jest/globals';
import { isUnreachable, reasonOf } from './unreachable.js';

const coded = (code: string, message = 'said so') => Object.assign(new Error(message), { code });

describe('a database is taken to be away', () => {
  it.each([
    coded('ECONNREFUSED'),
    coded('EAI_AGAIN'),
    coded('57P03', 'the database system is starting up'),
    coded('08006'),
    new Error('Connection terminated unexpectedly'),
    new Error('timeout expired'),
    new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')]),
  ])('when it says %s', (error) => {
    expect(isUnreachable(error)).toBe(true);
  });

  it.each([
    coded('28P01', 'password authentication failed'),
    coded('3D000', 'database "maas" does not exist'),
    coded('23505'),
    new AggregateError([coded('ECONNREFUSED'), coded('28P01')]),
    new AggregateError([]),
    undefined,
    'ECONNREFUSED',
  ])('but not when it says %s', (error) => {
    expect(isUnreachable(error)).toBe(false);
  });
});

it('an error of several addresses is told by the first of them', () => {
  expect(reasonOf(new AggregateError([coded('ECONNREFUSED', 'connect ECONNREFUSED ::1:1')]))).toBe(
    'connect ECONNREFUSED ::1:1',
  );
});
