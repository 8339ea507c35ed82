import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { eventually } from '../../test/streams.js';
import type { ClusterApi } from './cluster-api.js';
import { SourceWatch } from './source-watch.js';

/** One object, of which nothing ever changes. */
const api: ClusterApi = {
  server: 'https://cluster.example.com',
  get: (path, signal) => Promise.resolve({ body: path.includes('watch=true') ? silence(signal) : list() }),
};

async function* list(): AsyncGenerator<Uint8Array> {
  const items = [{ metadata: { name: 'a', namespace: 'llm', resourceVersion: '1' } }];
  yield Buffer.from(JSON.stringify({ metadata: { resourceVersion: '1' }, items }));
}

// eslint-disable-next-line require-yield
async function* silence(signal: AbortSignal): AsyncGenerator<Uint8Array> {
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

let follow: () => void;
let follows: number;
let complaints: string[];
let watch: SourceWatch;

beforeEach(() => {
  [follow, follows, complaints] = [() => undefined, 0, []];
  const follower = {
    collections: [{ path: '/api/v1/things', what: 'things', right: 'give it' }],
    follow: () => {
      follows += 1;
      return Promise.resolve().then(follow).then(() => ({ found: 1, used: 1, refused: 0, problems: [] })); // prettier-ignore
    },
    report: () => Promise.resolve(),
  };
  watch = new SourceWatch(api, follower, Date.now, (message) => complaints.push(message));
  watch.start();
});
afterEach(() => watch.stop());

it('what cannot be kept is said once, however often it is tried, and once that it is kept again', async () => {
  await eventually(() => follows > 0, 'it was followed');
  follow = () => {
    throw new Error('the database is full');
  };
  const before = follows;
  watch.followAgain();
  await eventually(() => follows >= before + 3, 'it was tried again');
  follow = () => undefined;
  await eventually(() => complaints.length > 1, 'it is kept again');
  expect(complaints).toEqual([
    'What was found cannot be kept, and is tried again: the database is full',
    'What was found is kept again',
  ]);
});
