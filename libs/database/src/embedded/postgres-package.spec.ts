import { describe, expect, it } from '@jest/globals';
import { findPostgresPackage } from './postgres-package.js';

describe('findPostgresPackage', () => {
  it('finds the package of this platform and its version', () => {
    expect(findPostgresPackage()).toMatchObject({ version: expect.stringMatching(/^18\./) });
  });

  it.each([
    ['win32-x64', 'No PostgreSQL comes with this platform'],
    [process.platform === 'darwin' ? 'linux-x64' : 'darwin-arm64', 'is not installed'],
  ])('says on %s what to do instead', (platform, problem) => {
    expect(() => findPostgresPackage(platform)).toThrow(problem);
    expect(() => findPostgresPackage(platform)).toThrow(/set DATABASE_URL to a PostgreSQL server/i);
  });
});
