import { describe, expect, it } from '@jest/globals';
import { identityOf, unsaidBy } from './oidc-identity.js';

const names = { groups: 'groups', username: 'preferred_username' };
const ben = {
  iss: 'https://id.example.com',
  sub: '42',
  preferred_username: 'ben',
  email: 'ben@example.com',
  groups: ['a'],
};
const of = (claims: object, claimNames = names) => identityOf({ ...ben, ...claims }, claimNames, 7);

describe('whom the claims name', () => {
  it('is somebody by issuer and subject together', () => {
    expect(of({})).toEqual({
      provider: 'oidc',
      subject: 'https://id.example.com 42',
      username: 'ben',
      email: 'ben@example.com',
      groups: ['a'],
      saidAt: 7,
    });
  });

  it.each([
    { sub: undefined },
    { sub: '' },
    { sub: 42 },
    { sub: 'a\0' },
    { sub: '\ud800' },
    { sub: 'x'.repeat(257) },
    { iss: undefined },
  ])('is nobody with %j', (claims) => {
    expect(of(claims)).toBeUndefined();
  });

  it('is called by the username, else by the email, else by the subject', () => {
    expect(of({ preferred_username: undefined })?.username).toBe('ben@example.com');
    expect(of({ preferred_username: '', email: 7 })).toMatchObject({ username: '42', email: null });
    expect(of({ upn: 'b@corp' }, { ...names, username: 'upn' })?.username).toBe('b@corp');
  });

  it.each([
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    ['one', ['one']],
    [['a', 7, null, '', 'a\0b', '\ud800', 'x'.repeat(254), { name: 'c' }], ['a']],
    [undefined, []],
    [null, []],
    [{ a: true }, []],
    [Array.from({ length: 1500 }, (_, index) => `g${index}`), Array.from({ length: 1000 }, (_, index) => `g${index}`)],
  ])('has the groups of %j that can be kept', (claim, groups) => {
    expect(of({ groups: claim })?.groups).toEqual(groups);
  });

  it('has the groups of a claim within objects, or of one whose name has dots', () => {
    const nested = { ...names, groups: 'realm_access.roles' };
    expect(of({ realm_access: { roles: ['r'] } }, nested)?.groups).toEqual(['r']);
    expect(of({ 'realm_access.roles': ['flat'], realm_access: { roles: ['r'] } }, nested)?.groups).toEqual(['flat']);
    for (const odd of [undefined, null, 'text', [], { roles: undefined }]) {
      expect(of({ realm_access: odd }, nested)?.groups).toEqual([]);
    }
    for (const groups of ['constructor.name', '__proto__', 'toString']) {
      expect(of({}, { ...names, groups })?.groups).toEqual([]);
    }
  });

  it('may leave out the groups or the username, which userinfo may know', () => {
    expect(unsaidBy(ben, names)).toEqual([]);
    expect(unsaidBy({ ...ben, groups: undefined }, names)).toEqual(['groups']);
    expect(unsaidBy({ sub: '42', groups: [] }, names)).toEqual(['username', 'email']);
  });
});
