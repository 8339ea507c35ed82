import { expect, it } from '@jest/globals';
import { cannotBeGood } from './identity-claims.js';

const NOW = Date.parse('2026-11-22T08:00:00Z');
const seconds = NOW / 1000;
const expected = { TOKEN_ISSUER: 'serviceaccount', INSTANCE_NAME: 'maas', KUBERNETES_AUDIENCES: ['maas'] };
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (claims: object, header: object = { alg: 'RS256' }) => `${encode(header)}.${encode(claims)}.c2ln`;
const workload = 'system:serviceaccount:team-a:runner';

it.each([
  ['OpenShift’s, of which nothing can be read', 'sha256~hU1xVtHHE2rNn6ZCtKPZ2mz6OCWUzhVDhwBqmVdSdZ8'],
  ['a person’s, for whomever', jwt({ sub: 'ana', aud: 'somebody', exp: seconds + 1 })],
  ['one that expired just now, by another clock', jwt({ sub: 'ana', exp: seconds - 59 })],
  ['one that never expires', jwt({ sub: 'ana' })],
  ['a workload’s, for us among others', jwt({ sub: workload, aud: ['other', 'maas'], exp: seconds + 1 })],
  ['three parts that are no JWT', 'a.b.c'],
])('%s is worth a question', (_, token) => expect(cannotBeGood(token, expected, NOW)).toBe(false));

it.each([
  ['of characters that no token has', 'a b'],
  ['longer than a request may be', 'a'.repeat(16 * 1024 + 1)],
  ['that nobody has signed', jwt({ sub: 'ana' }, { alg: 'none' })],
  ['that expired more than a minute ago', jwt({ sub: 'ana', exp: seconds - 60 })],
  ['that was issued here', jwt({ sub: 'system:serviceaccount:maas-tier-free:ana-1', exp: seconds + 1 })],
  ['of a workload, for others', jwt({ sub: workload, aud: ['other'], exp: seconds + 1 })],
])('one %s is not', (_, token) => expect(cannotBeGood(token, expected, NOW)).toBe(true));

it('a workload’s is worth one where no audience is required', () => {
  const token = jwt({ sub: workload, aud: ['other'], exp: seconds + 1 });
  expect(cannotBeGood(token, { ...expected, KUBERNETES_AUDIENCES: [] }, NOW)).toBe(false);
});
