import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { readAccountToken } from './account-token.js';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = {
  aud: ['maas-sa'],
  exp: 1_729_605_240,
  iat: 1_729_601_640,
  iss: 'https://cluster.example.com',
  jti: 'aed34954-b33a-4142-b1ec-389d6bbb4936',
  'kubernetes.io': { namespace: 'maas-tier-free', serviceaccount: { name: 'ana-1', uid: 'the-uid' } },
  nbf: 1_729_601_640,
  sub: 'system:serviceaccount:maas-tier-free:ana-1',
};
const tokenOf = (payload: unknown, signature = 'c2ln') =>
  `${encode({ alg: 'RS256', kid: 'k' })}.${encode(payload)}.${signature}`;

describe('a token of a ServiceAccount', () => {
  it('says whose it is, since when and until when', () => {
    expect(readAccountToken(tokenOf(claims))).toEqual({
      jti: claims.jti,
      subject: claims.sub,
      uid: 'the-uid',
      audiences: ['maas-sa'],
      issuedAt: claims.iat,
      expiresAt: claims.exp,
    });
  });

  it.each([undefined, 7, 'no-uuid'])('whose jti is %j has one of what is signed, whatever its signature is', (jti) => {
    const [one, same, other] = [
      readAccountToken(tokenOf({ ...claims, jti }, 'YWE')),
      readAccountToken(tokenOf({ ...claims, jti }, 'YWF')),
      readAccountToken(tokenOf({ ...claims, jti, iat: claims.iat + 1 }, 'YWE')),
    ];
    expect(z.uuid().safeParse(one?.jti).success).toBe(true);
    expect(same?.jti).toBe(one?.jti);
    expect(other?.jti).not.toBe(one?.jti);
  });

  it.each([
    ['of a person', tokenOf({ ...claims, sub: 'ana' })],
    ['without an expiry', tokenOf({ ...claims, exp: undefined })],
    ['of an account that it does not name', tokenOf({ ...claims, sub: 'system:serviceaccount:maas-tier-free:bo-1' })],
    ['that nobody has signed', tokenOf(claims, '')],
    ['for nobody', tokenOf({ ...claims, aud: undefined })],
    ['without an account', tokenOf({ ...claims, 'kubernetes.io': undefined })],
    ['that is none', 'sha256~opaque'],
    ['of two parts', tokenOf(claims).split('.').slice(0, 2).join('.')],
    ['that is no JSON', 'ey.ey.ey'],
    ['that is nothing', ''],
  ])('one %s is none', (_, token) => expect(readAccountToken(token)).toBeUndefined());
});
