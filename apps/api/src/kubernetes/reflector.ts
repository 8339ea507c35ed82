import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterApi } from './cluster-api.js';
import { KubernetesFailure } from './kubernetes-failure.js';
import { RetryDelay } from './retry-delay.js';
import { type WatchFailure, watchFailureOf, wordsOf } from './watch-failure.js';
import { type ClusterObject, readEvents, readList, UnreadableAnswer, type WatchEvent } from './watch-event.js';

/** How it stands with what is watched. `absent`: the cluster does not know the kind. */
export type Standing =
  | { readonly state: 'starting' | 'watching' | 'absent' }
  | { readonly state: 'forbidden' | 'failing'; readonly problem: string };

/** Who is told by a reflector. None of these may throw. */
export interface ReflectorEvents {
  /** By `namespace/name`: everything that there is now. Told after each list, and after each change. */
  changed(objects: ReadonlyMap<string, ClusterObject>): void;
  /** Told when the state or the problem is another one. */
  stands(standing: Standing): void;
  /** Told each time that the API server has said how it is: by a list, a watch that begins, an event. */
  answered(): void;
  /** Told each time that a list or a watch fails. */
  failed(failure: WatchFailure): void;
}

/** What is watched. */
export interface Collection {
  /** Such as `/apis/serving.kserve.io/v1beta1/inferenceservices`. */
  readonly path: string;
  /** Such as `metadata.name=maas`. */
  readonly fieldSelector?: string;
}

/** In milliseconds. */
export interface ReflectorTiming {
  /** After which the server ends a watch that nothing happened on. */
  readonly watch: number;
  /** For a list, and for a watch to end after its time. */
  readonly grace: number;
  /** Between two looks whether a kind has come to exist. */
  readonly absent: number;
}

const usual: ReflectorTiming = { watch: 30_000, grace: 10_000, absent: 30_000 };
const PAGE = 500;
const SHORT_MILLISECONDS = 1000;
/** One answer may be of a server that has not read its own kinds yet. */
const ABSENCES_BELIEVED = 2;
/** In a row, by the server's own word, until a position is given up. */
const FAILURES_FROM_A_POSITION = 3;

/**
 * Keeps in memory what the API server has of one kind: lists it, then watches on from there. What is known stays known while
 * the server is away; only a list or an event of it takes anything out. A watch is renewed twice a minute, because one whose
 * connection has died says nothing.
 */
export class Reflector {
  private objects = new Map<string, ClusterObject>();
  private position: string | undefined;
  private absences = 0;
  /** Since the position was another one, or a watch from it ended well. */
  private failures = 0;
  private standing: Standing = { state: 'starting' };
  private readonly retry = new RetryDelay();
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly api: ClusterApi,
    private readonly collection: Collection,
    private readonly events: ReflectorEvents,
    private readonly timing: ReflectorTiming = usual,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const pause = await this.follow().catch((error: unknown) => this.pauseAfter(error));
      if (pause > 0) await delay(pause, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** @returns milliseconds to wait before the next time */
  private async follow(): Promise<number> {
    if (this.position === undefined) await this.list();
    const began = performance.now();
    await this.watch();
    this.failures = 0;
    // A server that ends each watch at once must not be asked without end.
    if (performance.now() - began < SHORT_MILLISECONDS) return this.retry.after(undefined);
    this.retry.reset();
    return 0;
  }

  private pauseAfter(error: unknown): number {
    if (this.stopping.signal.aborted) return 0;
    const failure = error instanceof KubernetesFailure ? error : undefined;
    const isAbsent = failure?.code === 404 && this.objects.size === 0;
    if (!isAbsent) this.events.failed(watchFailureOf(error));
    if (failure?.isGone && this.position !== undefined) {
      // What is known stays until the new list says otherwise.
      this.position = undefined;
      return this.retry.after(failure.retryAfter);
    }
    // Who takes a kind away deletes its objects first: while there are any, the answer is not of the API server.
    if (isAbsent) return this.seeAbsent();
    // An event that was lost in between would never be known of.
    if (error instanceof UnreadableAnswer || this.isStuck(failure)) this.position = undefined;
    const problem = wordsOf(error);
    this.stand({ state: failure?.code === 403 ? 'forbidden' : 'failing', problem });
    return this.retry.after(failure?.retryAfter);
  }

  /** Whether the server has failed so often that it may be for the position. One that is busy or away says nothing of it. */
  private isStuck(failure: KubernetesFailure | undefined): boolean {
    if (failure?.code === undefined || failure.code === 429) return false;
    this.failures += 1;
    return this.failures >= FAILURES_FROM_A_POSITION;
  }

  private seeAbsent(): number {
    this.position = undefined;
    this.absences += 1;
    if (this.absences === ABSENCES_BELIEVED) this.replace(new Map());
    this.events.answered();
    this.stand({ state: 'absent' });
    return this.timing.absent;
  }

  private async list(): Promise<void> {
    const found = new Map<string, ClusterObject>();
    let position: string | undefined;
    let next: string | undefined;
    do {
      const page = await this.listPage(next).catch((error: unknown) => {
        // The rest of a list that took too long is no longer to be had: all at once then.
        if (next === undefined || !(error instanceof KubernetesFailure && error.isGone)) throw error;
        found.clear();
        return this.listPage(null);
      });
      for (const object of page.items ?? []) found.set(keyOf(object), object);
      position = page.metadata.resourceVersion;
      next = page.metadata.continue || undefined;
    } while (next !== undefined);
    this.absences = 0;
    this.goOnFrom(position);
    this.events.answered();
    this.replace(found);
  }

  /** @param next of the page before; undefined: the first page; null: everything at once */
  private listPage(next: string | undefined | null) {
    const query = next === null ? {} : { limit: String(PAGE), ...(next === undefined ? {} : { continue: next }) };
    return this.ask(query, this.timing.grace, ({ body }) => readList(body));
  }

  private async watch(): Promise<void> {
    // Not all at the same time, where there are several.
    const milliseconds = Math.round(this.timing.watch * (1 + Math.random() / 4));
    const query = {
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: this.position ?? '',
      timeoutSeconds: String(Math.ceil(milliseconds / 1000)),
    };
    await this.ask(query, milliseconds + this.timing.grace, async ({ body }) => {
      this.events.answered();
      this.stand({ state: 'watching' });
      for await (const event of readEvents(body)) {
        this.apply(event);
        this.events.answered();
        this.retry.reset();
      }
    });
  }

  private apply(event: WatchEvent): void {
    if (event.type === 'ERROR') throw KubernetesFailure.ofEvent(event.object);
    this.goOnFrom(event.object.metadata.resourceVersion);
    if (event.type === 'BOOKMARK') return;
    const key = keyOf(event.object);
    if (event.type === 'DELETED') this.objects.delete(key);
    else this.objects.set(key, event.object);
    this.events.changed(this.objects);
  }

  private goOnFrom(position: string | undefined): void {
    this.position = position;
    this.failures = 0;
  }

  private replace(objects: Map<string, ClusterObject>): void {
    this.objects = objects;
    this.events.changed(objects);
  }

  private async ask<Result>(
    query: Record<string, string>,
    milliseconds: number,
    read: (answer: Awaited<ReturnType<ClusterApi['get']>>) => Promise<Result>,
  ): Promise<Result> {
    const { path, fieldSelector } = this.collection;
    const parameters = new URLSearchParams({ ...query, ...(fieldSelector === undefined ? {} : { fieldSelector }) });
    const ended = new AbortController();
    const late = AbortSignal.timeout(milliseconds);
    const signal = AbortSignal.any([this.stopping.signal, late, ended.signal]);
    try {
      return await read(await this.api.get(`${path}?${parameters.toString()}`, signal));
    } catch (error) {
      throw late.aborted ? late.reason : error;
    } finally {
      ended.abort();
    }
  }

  private stand(standing: Standing): void {
    if (JSON.stringify(standing) === JSON.stringify(this.standing)) return;
    this.standing = standing;
    this.events.stands(standing);
  }
}

function keyOf({ metadata: { namespace = '', name } }: ClusterObject): string {
  return `${namespace}/${name}`;
}
