/** Compiles one file at a time, against the sources rather than dist, on Node's own ES modules. */
export const common = {
  testEnvironment: 'node',
  testMatch: ['**/*.spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^@maas/(contracts|database)/(.*)$': '<rootDir>/libs/$1/src/$2.ts',
    '^@maas/simulator/(.*)$': '<rootDir>/apps/simulator/src/$1.ts',
    '^@/(.*)$': '<rootDir>/apps/web/$1',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
};

/** @type {import('jest').Config} */
export default {
  projects: [
    {
      ...common,
      displayName: 'unit',
      roots: [
        '<rootDir>/libs',
        '<rootDir>/scripts',
        '<rootDir>/apps/simulator',
        '<rootDir>/apps/api/src',
        '<rootDir>/apps/web/lib',
        '<rootDir>/apps/web/app',
        '<rootDir>/apps/web/components',
      ],
    },
    {
      ...common,
      displayName: 'api',
      roots: ['<rootDir>/apps/api/test', '<rootDir>/apps/web/test'],
      setupFiles: ['<rootDir>/apps/api/test/load-nest.ts'],
      globalSetup: '<rootDir>/apps/api/test/global-setup.ts',
      globalTeardown: '<rootDir>/apps/api/test/global-teardown.ts',
    },
  ],
  testSequencer: '<rootDir>/scripts/test-sequencer.mjs',
  // Ends what hangs. No measure of anything: on a machine that is busy each step takes its time.
  testTimeout: 240_000,
  // One more than the two cores that there are as a rule: much of the time is waiting for other processes.
  maxWorkers: 3,
  // Every file loads everything anew, and the heap of a worker that is at its end takes a while to be given back.
  workerIdleMemoryLimit: '2GB',
  workerGracefulExitTimeout: 30_000,
};
