import { describe, expect, it } from '@jest/globals';
import { apiUrl } from './api';

describe('the address of a call', () => {
  it('leaves out what is not chosen', () =>
    expect(apiUrl('/tokens', { search: '', status: null, sort: undefined, limit: 5, dryRun: false })).toBe(
      '/maas-api/v1/tokens?limit=5&dryRun=false',
    ));

  it('has an empty text where a list says so: users without a tier', () =>
    expect(apiUrl('/admin/users', { tier: [''] })).toBe('/maas-api/v1/admin/users?tier='));

  it('escapes what is entered', () =>
    expect(apiUrl('/admin/models', { search: 'a&b c/ü' })).toBe('/maas-api/v1/admin/models?search=a%26b+c%2F%C3%BC'));
});
