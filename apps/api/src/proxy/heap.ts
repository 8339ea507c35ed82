import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';

/** What Node sets aside for young objects (three semi-spaces), which V8 counts into the limit of the heap. */
const YOUNG_BYTES = 3 * 64 * 1024 * 1024;
const young = new Set(['new_space', 'new_large_object_space', 'read_only_space', 'shared_space']);

/** Bytes that objects which stay may take; beyond them V8 ends the process. What `--max-old-space-size` sets. */
export function heapLimit(): number {
  const { heap_size_limit: limit } = getHeapStatistics();
  return Math.max(limit - YOUNG_BYTES, limit / 4);
}

/** Bytes that they take, with those that the next collection frees. */
export function heapUsed(): number {
  let used = 0;
  for (const { space_name: name, space_used_size: size } of getHeapSpaceStatistics())
    if (!young.has(name)) used += size;
  return used;
}
