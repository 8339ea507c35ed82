import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  isWatch,
  refusing,
  startWatchableCluster,
  status,
  type WatchableCluster,
} from '../../test/fake-kubernetes-watch.js';
import { inferenceService } from '../../test/kserve-objects.js';
import { eventually } from '../../test/streams.js';
import { type ClusterApi, clusterApi } from './cluster-api.js';
import { Reflector, type ReflectorTiming, type Standing } from './reflector.js';

const PATH = '/apis/serving.kserve.io/v1beta1/inferenceservices';
const timing: ReflectorTiming = { watch: 600_000, grace: 20_000, absent: 20 };

let cluster: WatchableCluster;
let api: ClusterApi;
let reflector: Reflector;
let states: Standing['state'][];
let problems: string[];
let failures: string[];
let answers: number;
/** The names that were there, after each change. */
let told: string[][];

const last = () => told.at(-1)?.join(' ') ?? 'nothing';
const lists = () => cluster.seen.filter((request) => !isWatch(request));
const watches = () => cluster.seen.filter(isWatch);
const add = (name: string) => cluster.history.apply(inferenceService({ name, url: 'http://x' }));
const isWatching = () => eventually(() => cluster.watches === 1 && states.at(-1) === 'watching', 'it watches');

/** Ends a watch as its position is gone. */
const ended: ReturnType<typeof refusing> = (_request, response) => {
  response.writeHead(200).end(`${JSON.stringify({ type: 'ERROR', object: status(410, 'Gone', 'too old') })}\n`);
  return true;
};

function watch(how: Partial<ReflectorTiming> = {}): void {
  const events = {
    answered: () => (answers += 1),
    failed: (failure: string) => failures.push(failure),
    changed: (objects: ReadonlyMap<string, unknown>) => told.push([...objects.keys()].sort()),
    stands: (standing: Standing) => {
      states.push(standing.state);
      if ('problem' in standing) problems.push(standing.problem);
    },
  };
  reflector = new Reflector(api, { path: PATH }, events, { ...timing, ...how });
  reflector.start();
}

beforeEach(async () => {
  cluster = await startWatchableCluster();
  api = await clusterApi(cluster.kubeconfig, 'KUBERNETES_CLUSTER');
  [states, problems, told, failures, answers] = [[], [], [], [], 0];
});
afterEach(async () => {
  await reflector.stop();
  await cluster.close();
});

describe('what is in the cluster', () => {
  it('is listed, then followed as it changes', async () => {
    add('a');
    watch();
    await isWatching();
    add('b');
    await eventually(() => last() === 'llm/a llm/b', 'b has come');
    cluster.history.remove('InferenceService', 'llm', 'a');
    await eventually(() => last() === 'llm/b', 'a has gone');
    expect([lists().length, watches().length]).toEqual([1, 1]);
  });

  it('is listed in pages, and at once when the next page is no longer to be had', async () => {
    for (let index = 0; index < 1001; index += 1) add(`m${index}`);
    cluster.intercept(({ query }) => {
      if (query.get('continue')?.endsWith('-1000')) {
        cluster.history.advance();
        cluster.history.compact();
      }
      return false;
    });
    watch();
    await isWatching();
    expect(told.at(-1)).toHaveLength(1001);
    expect(lists().map(({ query }) => [query.get('limit'), query.has('continue')])).toEqual([
      ['500', false],
      ['500', true],
      ['500', true],
      [null, false],
    ]);
  });
});

describe('a watch that ends', () => {
  it('goes on where it was, with what happened in between, and lists nothing again', async () => {
    watch();
    await isWatching();
    cluster.cut();
    await eventually(() => cluster.watches === 0, 'it is cut off');
    add('a');
    await eventually(() => last() === 'llm/a', 'a was not missed');
    expect(lists()).toHaveLength(1);
  });

  it('goes on from a bookmark, without which it would have to list again', async () => {
    watch();
    await isWatching();
    for (let index = 0; index < 5; index += 1) cluster.history.advance();
    cluster.bookmark();
    cluster.history.compact();
    add('a');
    await eventually(() => last() === 'llm/a', 'the bookmark was read before');
    cluster.cut();
    await eventually(() => watches().length > 1, 'it goes on');
    expect(lists()).toHaveLength(1);
    expect(watches().map(({ query }) => query.get('allowWatchBookmarks'))).toEqual(['true', 'true']);
  });

  it('because its time is over is renewed at once', async () => {
    watch({ watch: 1000 });
    await eventually(() => watches().length >= 3, 'it was renewed twice');
    expect([problems, lists().length]).toEqual([[], 1]);
  });

  it('by saying nothing any more, also not its end, is renewed', async () => {
    cluster.intercept((request, response) => {
      if (!isWatch(request) || watches().length > 1) return false;
      response.writeHead(200).flushHeaders();
      return true;
    });
    watch({ watch: 500, grace: 2000 });
    await eventually(() => watches().length > 1, 'the first is given up');
    expect(problems).toEqual(['it does not answer in time']);
    add('a');
    await eventually(() => last() === 'llm/a', 'the second is heard');
  });
});

describe('a position that is gone', () => {
  it('has everything listed again, and nothing vanishes for a moment', async () => {
    add('a');
    add('b');
    watch();
    await isWatching();
    await cluster.stop();
    add('c');
    cluster.history.remove('InferenceService', 'llm', 'b');
    cluster.history.compact();
    await cluster.start();
    await eventually(() => last() === 'llm/a llm/c', 'it knows what happened');
    expect(lists()).toHaveLength(2);
    expect(told.filter((names) => !names.includes('llm/a'))).toEqual([]);
  });

  it('may be said by the status of the answer too', async () => {
    add('a');
    let refused = 0;
    cluster.intercept((request, response) => {
      if (!isWatch(request) || refused > 0) return false;
      refused += 1;
      return refusing(410, 'Gone', 'too old')(request, response);
    });
    watch();
    await isWatching();
    expect([lists().length, problems]).toEqual([2, []]);
  });

  it.each([
    ['the status of each answer', refusing(410, 'Gone', 'too old')],
    ['an event of each watch', ended],
  ])('time and again, by %s, has everything listed less and less often', async (_, refuse) => {
    const listed: number[] = [];
    cluster.intercept((request, response) => {
      if (!isWatch(request)) listed.push(performance.now());
      return isWatch(request) && listed.length < 4 && refuse(request, response);
    });
    watch();
    await eventually(() => cluster.watches === 1, 'it watches');
    const [first = 0, second = 0, third = 0, fourth = 0] = listed;
    // Half of 0.5 s, 1 s and 2 s, but for what timers go off too early.
    expect(second - first).toBeGreaterThan(240);
    expect(third - second).toBeGreaterThan(490);
    expect(fourth - third).toBeGreaterThan(990);
  });
});

describe('a position that nothing can be watched from', () => {
  const error = { type: 'ERROR', object: status(500, 'InternalError', 'no') };
  const failing: ReturnType<typeof refusing> = (_request, response) => {
    response.writeHead(200).end(`${JSON.stringify(error)}\n`);
    return true;
  };

  it.each([
    ['status 500', refusing(500, 'InternalError', 'no')],
    ['status 504', refusing(504, 'Timeout', 'no')],
    ['status 400', refusing(400, 'BadRequest', 'no')],
    ['an event', failing],
  ])('is given up when three watches in a row have failed by %s: all is listed anew', async (_, refuse) => {
    add('a');
    let first: string | null = null;
    cluster.intercept((request, response) => {
      if (!isWatch(request)) return false;
      first ??= request.query.get('resourceVersion');
      return request.query.get('resourceVersion') === first && refuse(request, response);
    });
    watch();
    await eventually(() => watches().length > 0, 'it watches');
    add('b');
    await eventually(() => last() === 'llm/a llm/b', 'b has come');
    await isWatching();
    expect([lists().length, watches().length]).toEqual([2, 4]);
    expect(told.filter((names) => !names.includes('llm/a'))).toEqual([]);
  });

  it.each([
    ['have too much to do', refusing(429, 'TooManyRequests', 'later')],
    [
      'cannot be reached',
      (_request: unknown, response: { destroy(): void }) => {
        response.destroy();
        return true;
      },
    ],
  ])('is not that of servers that %s: they are asked from there again', async (_, refuse) => {
    cluster.intercept((request, response) => isWatch(request) && watches().length <= 3 && refuse(request, response));
    watch();
    await isWatching();
    expect([lists().length, watches().length]).toEqual([1, 4]);
  });
});

describe('an API server', () => {
  it('that is away takes nothing out, and is followed again when it is back', async () => {
    add('a');
    watch();
    await isWatching();
    await cluster.stop();
    await eventually(() => states.includes('failing'), 'it is away');
    expect(last()).toBe('llm/a');
    await cluster.start();
    await isWatching();
    expect(problems.some((problem) => /ECONN|cannot be reached|closed|terminated/.test(problem))).toBe(true);
  });

  it('that refuses is told so in its words, and asked again', async () => {
    const message = 'inferenceservices.serving.kserve.io is forbidden: User "x" cannot list resource';
    cluster.intercept(refusing(403, 'Forbidden', message));
    watch();
    await eventually(() => states.at(-1) === 'forbidden', 'it is refused');
    expect(problems).toEqual([`status 403, Forbidden: ${message}`]);
    cluster.intercept(undefined);
    await isWatching();
  });

  it('that has too much to do is left alone for as long as it says', async () => {
    const refused: number[] = [];
    cluster.intercept((request, response) => {
      refused.push(performance.now());
      if (refused.length > 1) return false;
      return refusing(429, 'TooManyRequests', 'later', { headers: { 'retry-after': '2' } })(request, response);
    });
    watch();
    await isWatching();
    const [first = 0, second = 0] = refused;
    expect(second - first).toBeGreaterThanOrEqual(1990);
  });

  it('that does not know the kind is asked again, and a kind that has no objects is no trouble', async () => {
    cluster.history.define('inferenceservices', false);
    watch();
    await eventually(() => cluster.seen.filter(({ path }) => path === PATH).length >= 2, 'it is asked again');
    cluster.history.define('inferenceservices', true);
    add('a');
    await eventually(() => last() === 'llm/a', 'the kind is there');
    expect(problems.filter((problem) => problem.includes('404'))).toEqual([]);
  });

  it('that no longer knows a kind of which there are objects is not believed: a balancer may have said so', async () => {
    add('a');
    watch();
    await isWatching();
    cluster.history.define('inferenceservices', false);
    cluster.cut();
    await eventually(() => problems.some((problem) => problem.includes('404')), 'it is told');
    expect(last()).toBe('llm/a');
    cluster.history.define('inferenceservices', true);
    add('b');
    await eventually(() => last() === 'llm/a llm/b', 'it goes on');
  });

  it('that ends a watch with an error of its own is asked again', async () => {
    let failed = 0;
    cluster.intercept((request, response) => {
      if (!isWatch(request) || failed > 0) return false;
      failed += 1;
      const event = { type: 'ERROR', object: status(500, 'InternalError', 'etcdserver: leader changed') };
      response.writeHead(200).end(`${JSON.stringify(event)}\n`);
      return true;
    });
    watch();
    await isWatching();
    expect(problems).toEqual(['status 500, InternalError: etcdserver: leader changed']);
  });

  it('that sends what is no event is not trusted with what came after: all is listed again', async () => {
    let failed = 0;
    cluster.intercept((request, response) => {
      if (!isWatch(request) || failed > 0) return false;
      failed += 1;
      response.writeHead(200).end('nonsense\n');
      return true;
    });
    watch();
    await isWatching();
    expect(lists()).toHaveLength(2);
  });

  it('is shown the credential of the kubeconfig, over a connection whose certificate was checked', async () => {
    watch();
    await isWatching();
    expect(new Set(cluster.seen.map(({ authorization }) => authorization))).toEqual(
      new Set(['Bearer watcher-canary-51d0']),
    );
  });
});
