import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { accountNameOf, isAccountOfOurs, namespaceOf, placeOf, subjectOf } from './account-names.js';

const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const ofCluster = (username: string) => accountNameOf({ id: 'an-id', provider: 'kubernetes', username });
const digest = (text: string) => createHash('sha1').update(text).digest('hex').slice(0, 8);

describe('the name of an account', () => {
  it.each([
    ['ana', 'ana'],
    ['Ana.Lima@example.com', 'ana-lima-example-com'],
    ['system:serviceaccount:team-a:batch', 'system-serviceaccount-team-a-batch'],
    ['kube:admin', 'kube-admin'],
    ['CN=Ana,OU=Research', 'cn-ana-ou-research'],
    ['__ana__', 'ana'],
    ['a--b', 'a-b'],
    ['josé', 'jos'],
    ['日本', 'user'],
    ['👩‍🔬', 'user'],
    ['...', 'user'],
    ['-', 'user'],
  ])('of %s begins with %s, and ends with the digest of the whole', (username, begin) => {
    expect(ofCluster(username)).toBe(`${begin}-${digest(username)}`);
    expect(ofCluster(username)).toMatch(label);
  });

  it('is the SHA-1 that everybody knows', () => {
    // FIPS 180, appendix A.1: SHA-1("abc") is a9993e36….
    expect(ofCluster('abc')).toBe('abc-a9993e36');
  });

  it('is a DNS label however long the username is, and wherever it is cut', () => {
    for (const length of [53, 54, 55, 63, 64, 253, 1000]) {
      for (const username of ['a'.repeat(length), 'a-'.repeat(length), `${'a'.repeat(53)}.${'b'.repeat(length)}`]) {
        expect(ofCluster(username)).toMatch(label);
        expect(ofCluster(username).endsWith(`-${digest(username)}`)).toBe(true);
      }
    }
  });

  it('differs for usernames that differ only in what cannot be kept', () => {
    const alike = ['ana.b', 'ana_b', 'ana-b', 'Ana-b', 'ana:b', 'ana  b', 'ana.b '];
    expect(new Set(alike.map(ofCluster)).size).toBe(alike.length);
    const long = ['x', 'y'].map((end) => ofCluster('a'.repeat(100) + end));
    expect(new Set(long).size).toBe(2);
  });

  it('is not that of somebody of the cluster for a local account, nor for another one of the same name', () => {
    const names = [
      ofCluster('ana'),
      accountNameOf({ id: 'one', provider: 'local', username: 'ana' }),
      accountNameOf({ id: 'two', provider: 'oidc', username: 'ana' }),
      accountNameOf({ id: 'three', provider: 'oidc', username: 'ana' }),
    ];
    expect(new Set(names).size).toBe(4);
    for (const name of names) expect(name).toMatch(/^ana-[0-9a-f]{8}$/);
  });
});

describe('the namespace of a tier', () => {
  it('names the installation and the tier', () => {
    expect(namespaceOf({ INSTANCE_NAME: 'maas' }, 'premium')).toBe('maas-tier-premium');
  });

  it('is a DNS label also for the longest of both, and differs where they do', () => {
    const instance = { INSTANCE_NAME: 'i'.repeat(31) };
    const names = ['x', 'y'].map((end) => namespaceOf(instance, `${'t'.repeat(62)}${end}`));
    for (const name of names) expect(name).toMatch(label);
    expect(new Set(names).size).toBe(2);
  });
});

describe('a subject', () => {
  it('says where the account is', () => {
    expect(placeOf(subjectOf('maas-tier-free', 'ana-1'))).toEqual({ namespace: 'maas-tier-free', name: 'ana-1' });
  });

  it.each([
    ['system:serviceaccount:maas-tier-free:ana-1', true],
    ['system:serviceaccount:maas:maas-api', false],
    ['system:serviceaccount:other-maas-tier-free:x', false],
    ['maas-tier-free:ana', false],
  ])('%s is an account of ours: %s', (subject, ours) => {
    expect(isAccountOfOurs({ TOKEN_ISSUER: 'serviceaccount', INSTANCE_NAME: 'maas' }, subject)).toBe(ours);
    expect(isAccountOfOurs({ TOKEN_ISSUER: 'maas', INSTANCE_NAME: 'maas' }, subject)).toBe(false);
  });
});
