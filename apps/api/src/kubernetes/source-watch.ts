import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterProblem, ClusterReport, WatchedKind } from '@maas/contracts/cluster';
import type { ClusterApi } from './cluster-api.js';
import { reasonOf } from '../database/unreachable.js';
import { type Collection, Reflector, type ReflectorTiming, type Standing } from './reflector.js';
import { type WatchFailure, watchFailures } from './watch-failure.js';
import type { ClusterObject } from './watch-event.js';

/** One kind of object that is watched, and in which words it is spoken of. */
export interface WatchedCollection extends Collection {
  /** Such as `LLMInferenceServices of all namespaces`. */
  readonly what: string;
  /** The right that is missing where the API server refuses. */
  readonly right: string;
}

/** By the path of the collection, by `namespace/name`. What was not listed yet is not there. */
export type Seen = ReadonlyMap<string, ReadonlyMap<string, ClusterObject>>;

/** What came of what was seen. */
export interface Outcome {
  readonly found: number;
  readonly used: number;
  /** Objects of which nothing is followed as it is. */
  readonly refused: number;
  readonly problems: readonly ClusterProblem[];
}

/** How the watching goes. */
export interface WatchTally {
  /** Milliseconds since the API server answered, of the collection of which nothing was heard the longest. */
  readonly unheard: number;
  /** Objects, or tiers, that are in service as they are in the cluster. */
  readonly followed: number;
  readonly refused: number;
  /** Lists and watches that failed, by what they did. */
  readonly failures: ReadonlyMap<WatchFailure, number>;
}

/** Follows what the cluster has. */
export interface Follower {
  readonly collections: readonly WatchedCollection[];
  /** Brings the database to what was seen. It is called again when it rejects. */
  follow(seen: Seen): Promise<Outcome>;
  /** Keeps the report for everybody to see. It is called again at the next time when it rejects. */
  report(report: ClusterReport): Promise<void>;
}

/** Several objects that change together are followed together. */
const GATHER_MILLISECONDS = 50;
const RETRY_MILLISECONDS = 1000;
const CONFIRM_MILLISECONDS = 15_000;
const PROBLEMS_SHOWN = 50;

/** Watches all kinds of a source, has them followed one change after the other, and says how it stands. */
export class SourceWatch {
  private readonly seen = new Map<string, ReadonlyMap<string, ClusterObject>>();
  private readonly standings: Map<string, WatchedKind>;
  private readonly reflectors: readonly Reflector[];
  private readonly stopping = new AbortController();
  private outcome: Outcome = { found: 0, used: 0, refused: 0, problems: [] };
  /** By object, what was said of it in the log. */
  private said: ReadonlyMap<string, ReadonlySet<string>> = new Map();
  /** Unix milliseconds at which the API server answered last, by collection. */
  private readonly answeredAt: Map<string, number>;
  private readonly failures = new Map(watchFailures.map((kind) => [kind, 0]));
  private running: Promise<void> | undefined;
  private hasNews = false;
  private mustReport = true;
  /** Why what was found cannot be kept. */
  private trouble: string | undefined;
  private wake: () => void = () => undefined;

  /** @param complain told when the watching of a kind fails, or goes on again */
  constructor(
    api: ClusterApi,
    private readonly follower: Follower,
    private readonly now: () => number,
    private readonly complain: (message: string, isFault: boolean) => void,
    timing?: ReflectorTiming,
  ) {
    const since = new Date(now()).toISOString();
    const { collections } = follower;
    this.standings = new Map(collections.map(({ path, what }) => [path, { what, state: 'starting', since }]));
    this.answeredAt = new Map(collections.map(({ path }) => [path, now()]));
    this.reflectors = collections.map((collection) => {
      const events = {
        changed: (objects: ReadonlyMap<string, ClusterObject>) => this.see(collection.path, objects),
        stands: (standing: Standing) => this.stand(collection, standing),
        answered: () => void this.answeredAt.set(collection.path, now()),
        failed: (kind: WatchFailure) => void this.failures.set(kind, (this.failures.get(kind) ?? 0) + 1),
      };
      return new Reflector(api, collection, events, timing);
    });
  }

  start(): void {
    for (const reflector of this.reflectors) reflector.start();
    this.running ??= this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.wake();
    await Promise.all([...this.reflectors.map((reflector) => reflector.stop()), this.running]);
  }

  /** What is to be known of it from outside. */
  tally(): WatchTally {
    const { used: followed, refused } = this.outcome;
    const unheard = this.now() - Math.min(...this.answeredAt.values());
    return { unheard: Math.max(0, unheard), followed, refused, failures: this.failures };
  }

  /** Something else changed that what is followed depends on. */
  followAgain(): void {
    this.hasNews = true;
    this.wake();
  }

  private see(path: string, objects: ReadonlyMap<string, ClusterObject>): void {
    this.seen.set(path, objects);
    this.followAgain();
  }

  private stand({ path, what, right }: WatchedCollection, standing: Standing): void {
    const { state } = standing;
    const before = this.standings.get(path);
    const problem = 'problem' in standing ? explained(standing, right) : undefined;
    const since = before?.state === state ? before.since : new Date(this.now()).toISOString();
    this.standings.set(path, { what, state, since, ...(problem === undefined ? {} : { problem }) });
    this.mustReport = true;
    this.wake();
    if (before?.state === state) return;
    if (problem !== undefined) this.complain(`${what}: ${problem}; what is known stays in service`, true);
    else if (state === 'absent') this.complain(`${what}: the cluster does not know them; looked for again`, false);
    else if (before?.state !== 'starting') this.complain(`${what} are watched again`, false);
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const isDone = await this.turn().catch(() => false);
      if (signal.aborted) return;
      if (!isDone) await this.pause(RETRY_MILLISECONDS);
      else if (!this.hasNews && !this.mustReport) await this.rest();
      await this.pause(GATHER_MILLISECONDS);
    }
  }

  /** @returns whether all that there was to do is done */
  private async turn(): Promise<boolean> {
    const isFollowed = !this.hasNews || (await this.follow());
    this.mustReport = false;
    const { problems, found, used } = this.outcome;
    const watched = [...this.standings.values()];
    const shown =
      this.trouble === undefined ? problems : [{ object: 'All of them', problem: this.trouble }, ...problems];
    try {
      await this.follower.report({ watched, found, used, problems: shown.slice(0, PROBLEMS_SHOWN) });
      return isFollowed;
    } catch {
      this.mustReport = true;
      return false;
    }
  }

  private async follow(): Promise<boolean> {
    this.hasNews = false;
    try {
      this.outcome = await this.follower.follow(new Map(this.seen));
    } catch (error) {
      this.hasNews = true;
      this.bemoan(reasonOf(error));
      return false;
    }
    if (this.trouble !== undefined) this.complain('What was found is kept again', false);
    this.trouble = undefined;
    this.tellProblems();
    return true;
  }

  /** Each once, as long as it is the same. */
  private tellProblems(): void {
    const { problems } = this.outcome;
    const fresh = problems.filter(({ object, problem }) => !this.said.get(object)?.has(problem));
    for (const { object, problem } of fresh.slice(0, PROBLEMS_SHOWN)) this.complain(`${object}: ${problem}`, true);
    const more = fresh.length - PROBLEMS_SHOWN;
    if (more > 0) this.complain(`${more} more objects cannot be followed as they are`, true);
    const now = Map.groupBy(problems, ({ object }) => object);
    for (const object of this.said.keys())
      if (!now.has(object)) this.complain(`${object}: nothing is wrong any more`, false);
    this.said = new Map([...now].map(([object, of]) => [object, new Set(of.map(({ problem }) => problem))]));
  }

  /** Once, however often it is tried again. */
  private bemoan(trouble: string): void {
    const said = `What was found cannot be kept, and is tried again: ${trouble}`;
    if (said !== this.trouble) this.complain(said, true);
    this.trouble = said;
  }

  /** Until there is something to do, or it is time to say that all is as it was. */
  private rest(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, CONFIRM_MILLISECONDS).unref();
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private async pause(milliseconds: number): Promise<void> {
    await delay(milliseconds, undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined);
  }
}

function explained({ state, problem }: { state: string; problem: string }, right: string): string {
  if (state === 'forbidden') return `the API server refuses it; ${right} (${problem})`;
  return `the API server: ${problem}`;
}
