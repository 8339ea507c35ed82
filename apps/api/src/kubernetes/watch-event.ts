import { z } from 'zod';

/** What every object of Kubernetes has, as far as anybody here looks at it; all the rest is kept as it came. */
export const ClusterObject = z.looseObject({
  metadata: z.looseObject({
    name: z.string().min(1),
    namespace: z.string().optional(),
    uid: z.string().default(''),
    resourceVersion: z.string().min(1),
    generation: z.number().optional(),
    creationTimestamp: z.string().nullish(),
    deletionTimestamp: z.string().nullish(),
    annotations: z.record(z.string(), z.string()).nullish(),
  }),
});
export type ClusterObject = z.infer<typeof ClusterObject>;

/** One page of a list. The position in the history of the cluster is the list's, not its items'. */
export const ClusterList = z.object({
  metadata: z.object({ resourceVersion: z.string().min(1), continue: z.string().optional() }),
  items: z.array(ClusterObject).nullable(),
});

const Changed = z.object({ type: z.enum(['ADDED', 'MODIFIED', 'DELETED']), object: ClusterObject });
const Bookmark = z.object({
  type: z.literal('BOOKMARK'),
  object: z.looseObject({ metadata: z.looseObject({ resourceVersion: z.string().min(1) }) }),
});
const Failed = z.object({ type: z.literal('ERROR'), object: z.unknown() });

/** A line of a watch (Kubernetes API concepts, "Efficient detection of changes" and "Watch bookmarks"). */
export const WatchEvent = z.union([Changed, Bookmark, Failed]);
export type WatchEvent = z.infer<typeof WatchEvent>;

/** The answer is not what an API server sends. */
export class UnreadableAnswer extends Error {}

/** An object is 1.5 MiB at most; a longer line is none. */
const LONGEST_LINE = 8 * 1024 * 1024;

/**
 * The events of a watch, as their lines are complete. What comes without a line's end before the connection breaks is none.
 * @throws UnreadableAnswer
 */
export async function* readEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<WatchEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw new UnreadableAnswer('a line of the watch does not end');
    for (const line of lines) if (line.trim() !== '') yield readEvent(line);
  }
}

function readEvent(line: string): WatchEvent {
  const event = WatchEvent.safeParse(parseJson(line));
  if (event.success) return event.data;
  throw new UnreadableAnswer('a line of the watch is no event');
}

/** Of a page of 500 objects, half a megabyte for each: more is not taken into memory. */
const LARGEST_LIST = 256 * 1024 * 1024;

/** @throws UnreadableAnswer */
export async function readList(body: AsyncIterable<Uint8Array>): Promise<z.infer<typeof ClusterList>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > LARGEST_LIST) throw new UnreadableAnswer('the list is larger than 256 MiB');
    chunks.push(chunk);
  }
  const list = ClusterList.safeParse(parseJson(Buffer.concat(chunks).toString()));
  if (list.success) return list.data;
  throw new UnreadableAnswer('the answer is no list of objects');
}

/** Of an answer; a NUL, which PostgreSQL keeps in no text, is left out of whatever somebody has written. */
function parseJson(text: string): unknown {
  try {
    return text.includes('\\u0000') ? JSON.parse(text, withoutNul) : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function withoutNul(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll('\0', '') : value;
}
