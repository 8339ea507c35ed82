import { describe, expect, it } from '@jest/globals';
import { conversationKey } from './conversation-key.js';
import { readRequest } from './inference-request.js';

const keyOf = (body: object, headers: Record<string, string> = {}, userId = 'ada') =>
  conversationKey(userId, headers, readRequest('chat/completions', 'application/json', Buffer.from(JSON.stringify(body)))); // prettier-ignore

const system = { role: 'system', content: 'You are terse.' };
const user = (content: unknown) => ({ role: 'user', content });
const assistant = { role: 'assistant', content: 'Yes.' };

describe('the key of a conversation', () => {
  it.each<[string, object, object]>([
    [
      'chat completions',
      { messages: [system, user('Hi')] },
      { messages: [system, user('Hi'), assistant, user('And then?')], temperature: 1 },
    ],
    [
      'parts of a message',
      { messages: [user([{ type: 'image_url' }, { type: 'text', text: 'Hi' }])] },
      { messages: [user([{ type: 'image_url' }, { type: 'text', text: 'Hi' }]), assistant, user('More')] },
    ],
    [
      'messages',
      { system: 'Be terse.', messages: [user('Hi')] },
      { system: [{ type: 'text', text: 'Be terse.' }], messages: [user('Hi'), assistant, user('More')] },
    ],
    [
      'responses',
      { instructions: 'Be terse.', input: [user('Hi')] },
      { instructions: 'Be terse.', input: [user('Hi'), assistant, user('More')] },
    ],
    ['completions, as far as their beginning goes', { prompt: 'a'.repeat(1024) }, { prompt: 'a'.repeat(5000) }],
  ])('stays from turn to turn: %s', (_what, first, later) => {
    expect(keyOf(first)).toEqual(expect.any(Number));
    expect(keyOf(later)).toBe(keyOf(first));
  });

  it('differs between conversations, and between people who say the same', () => {
    const keys = [
      keyOf({ messages: [system, user('Hi')] }),
      keyOf({ messages: [system, user('Hello')] }),
      keyOf({ messages: [user('Hi')] }),
      keyOf({ system: 'You are terse.', messages: [user('Hi')] }),
      keyOf({ prompt: 'Hi' }),
      keyOf({ messages: [system, user('Hi')] }, {}, 'grace'),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('is what the client says it is, the header before the body', () => {
    const [one, other] = [{ messages: [user('one')] }, { messages: [user('other')] }];
    const cached = { prompt_cache_key: 'k' };
    expect(keyOf({ ...one, ...cached })).toBe(keyOf({ ...other, ...cached }));
    expect(keyOf(one, { 'x-session-id': 's' })).toBe(keyOf({ ...other, ...cached }, { 'x-session-id': 's' }));
    expect(keyOf(one, { 'x-session-id': 'k' })).not.toBe(keyOf({ ...one, ...cached }));
    expect(keyOf(one, { 'x-session-id': '' })).toBe(keyOf(one));
  });

  it.each([{}, { messages: [] }, { messages: ['Hi'] }, { messages: 7 }, { input: 7 }, { prompt: [1, 2] }, { prompt_cache_key: 7 }])(
    'is none for %j, by which no conversation can be told',
    (body) => expect(keyOf(body)).toBeUndefined(),
  ); // prettier-ignore

  it('is none for what is not JSON, unless a header names it', () => {
    const form = { json: undefined };
    expect(conversationKey('ada', {}, form)).toBeUndefined();
    expect(conversationKey('ada', { 'x-session-id': 's' }, form)).toEqual(expect.any(Number));
  });
});
