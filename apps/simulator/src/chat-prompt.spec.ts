import { describe, expect, it } from '@jest/globals';
import { readChatPrompt } from './chat-prompt.js';

describe('readChatPrompt', () => {
  it('counts the text, 4 tokens for each message and 3 for the answer', () => {
    expect(readChatPrompt([{ role: 'user', content: 'Hello' }]).tokens).toBe(1 + 4 + 3);
    const two = readChatPrompt([
      { role: 'system', content: 'Hello' },
      { role: 'user', content: 'Hello' },
    ]);
    expect(two.tokens).toBe(2 * (1 + 4) + 3);
  });

  it('counts text parts as text and any other part as 85', () => {
    const content = [{ type: 'text', text: 'Hello' }, { type: 'image_url' }];
    expect(readChatPrompt([{ role: 'user', content }]).tokens).toBe(1 + 85 + 4 + 3);
  });

  it('counts the names and arguments of tool calls', () => {
    const call = { function: { name: 'now', arguments: '{}' } };
    expect(readChatPrompt([{ role: 'assistant', content: null, tool_calls: [call] }]).tokens).toBe(1 + 2 + 4 + 3);
  });

  it('answers the last message of the user, not what comes after it', () => {
    const messages = [
      { role: 'user' as const, content: 'first' },
      { role: 'user' as const, content: 'second' },
      { role: 'assistant' as const, content: 'third' },
    ];
    expect(readChatPrompt(messages).lastUserText).toBe('second');
  });
});
