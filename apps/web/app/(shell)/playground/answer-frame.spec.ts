import { expect, it } from '@jest/globals';
import { readFrame } from './answer-frame';

const frame = (value: unknown) => readFrame(JSON.stringify(value));

it('reads a piece of text', () =>
  expect(frame({ choices: [{ delta: { content: 'Hi' }, finish_reason: null }], usage: null })).toEqual({
    kind: 'piece',
    text: 'Hi',
    finish: undefined,
    usage: undefined,
  }));

it('reads why an answer ended, and what it used', () => {
  expect(frame({ choices: [{ delta: {}, finish_reason: 'length' }] })).toMatchObject({ text: '', finish: 'length' });
  expect(frame({ choices: [], usage: { prompt_tokens: 8, completion_tokens: 5, total_tokens: 13 } })).toMatchObject({
    usage: { prompt: 8, completion: 5, total: 13 },
  });
});

it('reads an error that comes after the beginning', () =>
  expect(
    frame({ error: { message: 'The model backend failed', type: 'server_error', code: 'upstream_error' } }),
  ).toEqual({
    kind: 'error',
    message: 'The model backend failed',
    code: 'upstream_error',
  }));

it('knows the end', () => expect(readFrame('[DONE]')).toEqual({ kind: 'done' }));

it.each(['', '{', 'null', '3', '[]'])('understands nothing of %j', (data) => expect(readFrame(data)).toBe(undefined));

it('is not led astray by fields of another kind', () =>
  expect(frame({ choices: [{ delta: { content: ['x'] }, finish_reason: 1 }], usage: { prompt_tokens: '1' } })).toEqual({
    kind: 'piece',
    text: '',
    finish: undefined,
    usage: undefined,
  }));
