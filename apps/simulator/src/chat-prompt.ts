import type { z } from 'zod';
import type { messageSchema, toolSchema } from './chat-request.js';
import { countTokens } from './tokens.js';

/** Per message, for its role and its delimiters; as OpenAI's chat format does. */
const MESSAGE_TOKENS = 4;
/** Per request, for the beginning of the answer. */
const ANSWER_TOKENS = 3;
/** Per part that is not text: what OpenAI counts for an image of low detail. */
const PART_TOKENS = 85;

type Message = z.infer<typeof messageSchema>;

export interface Prompt {
  tokens: number;
  /** All that the answer depends on. */
  digest: string;
  /** The text of the last message of the user. */
  lastUserText: string;
}

/**
 * Counts the tokens of a chat: the text of all messages, 4 more for each message, 3 more for the answer, 85 for each
 * part that is not text, the names and arguments of tool calls, and the tools as JSON.
 */
export function readChatPrompt(
  messages: readonly Message[],
  tools: readonly z.infer<typeof toolSchema>[] = [],
): Prompt {
  const texts: string[] = [];
  let digest = '';
  let tokens = ANSWER_TOKENS;
  let lastUserText = '';
  for (const message of messages) {
    const parts = typeof message.content === 'string' ? [{ text: message.content }] : (message.content ?? []);
    const text = parts.flatMap((part) => part.text ?? []).join('\n');
    if (message.role === 'user') lastUserText = text;
    texts.push(text);
    for (const call of message.tool_calls ?? []) texts.push(call.function?.name ?? '', call.function?.arguments ?? '');
    tokens += MESSAGE_TOKENS + PART_TOKENS * parts.filter((part) => part.text === undefined).length;
    if (message.name) texts.push(message.name);
    digest += `${message.role}\0`;
  }
  if (tools.length > 0) texts.push(JSON.stringify(tools));
  for (const text of texts) tokens += countTokens(text);
  return { tokens, digest: digest + texts.join('\0'), lastUserText };
}
