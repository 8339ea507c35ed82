import { describe, expect, it } from '@jest/globals';
import { readAccessAttributes } from './access-attributes.js';

describe('attributes of access', () => {
  it('are read from what an operator writes', () => {
    const text = 'verb=update, group=maas.opendatahub.io,resource=tiers ,namespace=maas,name=x,subresource=status';
    expect(readAccessAttributes(text)).toEqual({
      verb: 'update',
      group: 'maas.opendatahub.io',
      resource: 'tiers',
      namespace: 'maas',
      name: 'x',
      subresource: 'status',
    });
    expect(readAccessAttributes('verb=*,resource=*')).toEqual({ verb: '*', resource: '*' });
  });

  it.each([
    ['verb=get', /verb and resource/],
    ['resource=tiers', /verb and resource/],
    ['verb=get,resource=tiers,verb=list', /verb twice/],
    ['verb=get,resource=', /value for resource/],
    ['verb=get,resource=a=b', /value for resource/],
    ['verb=get,resource=a b', /value for resource/],
    ['verb=get,ressource=tiers', /name=value/],
    ['get tiers', /name=value/],
    ['', /name=value/],
  ])('%j are refused', (text, why) => expect(readAccessAttributes(text)).toMatch(why));
});
