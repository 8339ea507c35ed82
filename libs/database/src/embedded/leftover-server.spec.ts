import { describe, expect, it } from '@jest/globals';
import { isServerOf } from './leftover-server.js';

describe('isServerOf', () => {
  it('knows a postgres of this cluster, and takes nothing else for one', () => {
    expect(isServerOf(['/opt/bin/postgres', '-D', '/data/cluster', '-c', 'port=1'], '/data/cluster')).toBe(true);
    expect(isServerOf(['/opt/bin/postgres', '-D', '/data/other'], '/data/cluster')).toBe(false);
    expect(isServerOf(['/usr/bin/vim', '-D', '/data/cluster'], '/data/cluster')).toBe(false);
    expect(isServerOf(['/opt/bin/postgres'], '/data/cluster')).toBe(false);
    expect(isServerOf([], '/data/cluster')).toBe(false);
  });
});
