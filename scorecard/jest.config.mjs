// The figures are suites in the way of the tests, and no part of them: `npm run scorecard` runs one at a time.
import { common } from '../jest.config.mjs';

/** @type {import('jest').Config} */
export default {
  ...common,
  rootDir: '..',
  displayName: 'scorecard',
  roots: ['<rootDir>/scorecard/figures'],
  setupFiles: ['<rootDir>/apps/api/test/load-nest.ts'],
};
