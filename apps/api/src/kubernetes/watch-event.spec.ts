import { describe, expect, it } from '@jest/globals';
import { readEvents, readList, UnreadableAnswer, type WatchEvent } from './watch-event.js';

const object = (name: string) => ({ metadata: { name, namespace: 'llm', resourceVersion: '7' }, spec: { über: 'ß' } });
const line = (type: string, name: string) => `${JSON.stringify({ type, object: object(name) })}\n`;

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function eventsOf(text: string, size = 5): Promise<WatchEvent[]> {
  const events = [];
  for await (const event of readEvents(inPieces(Buffer.from(text), size))) events.push(event);
  return events;
}

describe('the lines of a watch', () => {
  it.each([1, 2, 7, 100_000])('are events, in pieces of %d bytes', async (size) => {
    const events = await eventsOf(line('ADDED', 'a') + line('MODIFIED', 'b') + line('DELETED', 'c'), size);
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
    expect(events[0]?.object).toMatchObject(object('a'));
  });

  it('that break off are none', async () => {
    const events = await eventsOf(line('ADDED', 'a') + line('DELETED', 'a').slice(0, -2));
    expect(events).toHaveLength(1);
  });

  it('may be bookmarks, which have a position and no name', async () => {
    const [event] = await eventsOf('{"type":"BOOKMARK","object":{"kind":"X","metadata":{"resourceVersion":"12"}}}\n');
    expect(event).toMatchObject({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '12' } } });
  });

  it.each(['nonsense', '{}', '{"type":"ADDED","object":{}}', '{"type":"ADDED","object":{"metadata":{"name":"a"}}}'])(
    'that are no events are not passed over: %s',
    async (text) => {
      await expect(eventsOf(`${text}\n`)).rejects.toThrow(UnreadableAnswer);
    },
  );
});

describe('a list', () => {
  const read = (body: unknown) => readList(inPieces(Buffer.from(JSON.stringify(body)), 10));

  it('has its own position, and may have no items at all', async () => {
    const list = await read({ kind: 'XList', metadata: { resourceVersion: '5', continue: '' }, items: null });
    expect(list).toEqual({ metadata: { resourceVersion: '5', continue: '' }, items: null });
  });

  it('has no NUL in what somebody has written, which no database keeps', async () => {
    const list = await read({
      metadata: { resourceVersion: '5' },
      items: [{ ...object('a'), spec: { name: 'a\0b' } }],
    });
    expect(list.items?.[0]?.['spec']).toEqual({ name: 'ab' });
  });

  it('without a position is none', async () => {
    await expect(read({ items: [] })).rejects.toThrow(UnreadableAnswer);
  });
});
