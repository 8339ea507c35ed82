import { describe, expect, it } from '@jest/globals';
import { EventStream } from './event-stream';

const stream =
  ': keep-alive\n\ndata: {"a":"ä 🙂"}\n\nevent: x\nid: 1\ndata: one\ndata:two\n\ndata\n\n: ping\ndata: [DONE]\n\n';
const events = ['{"a":"ä 🙂"}', 'one\ntwo', '', '[DONE]'];

function read(parts: Iterable<string>): string[] {
  const reader = new EventStream();
  return [...parts].flatMap((part) => reader.push(part));
}

describe.each([
  ['LF', '\n'],
  ['CR LF', '\r\n'],
  ['CR', '\r'],
])('a stream with lines that end in %s', (_name, end) => {
  const text = stream.replaceAll('\n', end);

  it('is read as a whole', () => expect(read([text])).toEqual(events));

  it('is read the same wherever it is cut', () => {
    for (let at = 0; at <= text.length; at += 1)
      expect([at, read([text.slice(0, at), text.slice(at)])]).toEqual([at, events]);
  });

  it('is read the same character by character', () => expect(read(text.split(''))).toEqual(events));
});

it('keeps back an event whose blank line has not come', () => {
  const reader = new EventStream();
  expect(reader.push('data: whole\n\ndata: half\n')).toEqual(['whole']);
  expect(reader.push('\n')).toEqual(['half']);
});

it('takes one space after the colon away, and no more', () =>
  expect(read(['data:  two\n\ndata:none\n\n'])).toEqual([' two', 'none']));

it('does not mind a byte order mark', () => expect(read(['\uFEFFdata: a\n\n'])).toEqual(['a']));
