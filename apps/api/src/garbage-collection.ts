import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Keeps V8 from making new objects old at once. It does so at places in the code whose objects have often outlived a
 * collection: while requests take longer than the time between two collections, that is everything that belongs to a
 * request. The decision stays when the rush is over, and from then on every finished request is kept, with all that it
 * refers to, until the next full collection: six to twelve kilobytes each where it is less than one otherwise, in some
 * runs and not in others. To be called before anything that is busy is compiled.
 */
export function allocateYoung(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
}

/** Bytes. Pieces of up to half of it are cut from a pool. */
const POOL = 8 * 1024;

/**
 * Keeps small what a buffer holds beyond itself. Node cuts buffers from pools of 64 KiB, and the least piece that lives on
 * keeps all of its pool: of a stream the body of its request, of a client that takes nothing each piece that waits for it.
 */
export function poolSparingly(): void {
  Buffer.poolSize = POOL;
}

/**
 * Gives back what was needed to start alone: some 30 MB that V8 would keep for good. Takes a tenth of a second, in which
 * nothing else is done.
 */
export function collectAfterStart(): void {
  // Node hands the collector out under this flag only, and to contexts that are made after it was set.
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('globalThis.gc');
  if (typeof collect === 'function') collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
