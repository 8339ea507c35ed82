import { describe, expect, it } from '@jest/globals';
import type { RoutableModel } from '../models/routable-model.js';
import { LARGEST_COUNT } from './completion-meter.js';
import { readRequest, wishesOf } from './inference-request.js';
import { largestCount, largestRequest, mostPieces, promptSize } from './token-estimate.js';

type Sizes = Pick<RoutableModel, 'contextWindow' | 'maxOutputTokens'>;

const model = (sizes: Partial<Sizes>): RoutableModel => ({
  id: 'm',
  name: 'm',
  description: null,
  ownedBy: 'us',
  created: 0,
  capabilities: [],
  tiers: new Set(),
  lowestTier: null,
  backends: [],
  ready: true,
  contextWindow: null,
  maxOutputTokens: null,
  sessionAffinity: 'none',
  ...sizes,
});

function asked(endpoint: string, fields: object) {
  const request = readRequest(endpoint, 'application/json', Buffer.from(JSON.stringify(fields)));
  return [request, wishesOf(request)] as const;
}

const CHAT = 'chat/completions';

describe('C10: what is set aside', () => {
  it.each<[string, object, number]>([
    [CHAT, { max_tokens: 10 }, 10],
    [CHAT, { max_tokens: 10, n: 4 }, 40],
    [CHAT, { max_tokens: 10, max_completion_tokens: 30 }, 30],
    ['completions', { max_tokens: 10, n: 2, best_of: 5 }, 50],
    ['completions', { max_tokens: 10, prompt: ['', '', ''], n: 2 }, 60],
    ['completions', { max_tokens: 10, prompt: [[], []] }, 20],
    ['responses', { max_output_tokens: 10 }, 10],
    [CHAT, {}, 700],
    [CHAT, { n: 2 }, 1400],
    ['embeddings', { input: '' }, 0],
    ['messages/count_tokens', { messages: [{ role: 'user', content: 'a question' }] }, 0],
    ['responses/input_tokens', { input: 'a question' }, 0],
  ])('of %s with %j is %i tokens besides the prompt', (endpoint, fields, tokens) => {
    const [request, wishes] = asked(endpoint, fields);
    const sizes = { maxOutputTokens: 700, contextWindow: 9000 };
    expect(largestRequest(promptSize(request), wishes, wishes.maxTokens, model(sizes))).toBe(tokens);
  });
});

it('what is set aside can be taken back exactly, however much it is', () => {
  const most = { prompt: Array.from({ length: 4096 }, () => ''), best_of: 128, max_tokens: 2_147_483_647 };
  const [request, wishes] = asked('completions', most);
  const estimate = largestRequest(promptSize(request), wishes, wishes.maxTokens, model({}));
  expect(60 + estimate - estimate).toBe(60);
  expect(estimate * 1000 + 60 - estimate * 1000).toBe(60);
});

describe('the size of a prompt', () => {
  const data = 'A'.repeat(1_000_000);
  const sizeOf = (block: object) =>
    promptSize(asked('messages', { messages: [{ role: 'user', content: [block] }] })[0]);

  it.each([
    ['an image', { type: 'image', source: { type: 'base64', media_type: 'image/png', data } }],
    ['a document', { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data } }],
    ['an image elsewhere', { type: 'image', source: { type: 'url', url: `https://x/${data}` } }],
    ['an uploaded file', { type: 'document', source: { type: 'file', file_id: data } }],
    ['an image of a tool', { type: 'tool_result', content: [{ type: 'image', source: { type: 'base64', data } }] }],
  ])('takes %s in Anthropic’s messages for an attachment, however many bytes it has', (_what, block) => {
    const { bytes, tokens } = sizeOf(block);
    expect([bytes < 100, tokens]).toEqual([true, 1200 + 8]);
  });

  it.each<[string, string, object]>([
    ['that begins as an address of data', CHAT, { messages: [{ role: 'user', content: `data: ${data}` }] }],
    [
      'that is one',
      CHAT,
      { messages: [{ role: 'user', content: [{ type: 'text', text: `data:a/b;base64,${data}` }] }] },
    ],
    ['of an answer that begins so', 'responses', { input: `data:a/b;base64,${data}` }],
    ['that is embedded', 'embeddings', { input: `data:a/b;base64,two words ${data}` }],
    ['of a tool, whatever its names', CHAT, { tools: [{ function: { parameters: { image_url: data } } }] }],
    [
      'that a tool was called with',
      'messages',
      { messages: [{ content: [{ type: 'tool_use', input: { image_url: data } }] }] },
    ],
    ['of a function', CHAT, { functions: [{ description: data }] }],
    ['for the template', CHAT, { chat_template_kwargs: { documents: [data] } }],
    ['that is compared', 'score', { text_1: 'a', text_2: [data] }],
  ])('takes text %s for text', (_what, endpoint, fields) => {
    expect(promptSize(asked(endpoint, fields)[0]).bytes).toBeGreaterThanOrEqual(data.length);
  });

  it.each<[string, string, object]>([
    [
      'an image',
      CHAT,
      { messages: [{ content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } }] }] },
    ],
    [
      'a film',
      CHAT,
      { messages: [{ content: [{ type: 'video_url', video_url: { url: `data:video/mp4;base64,${data}` } }] }] },
    ],
    [
      'a file',
      'responses',
      { input: [{ content: [{ type: 'input_file', file_data: `data:application/pdf;base64,${data}` }] }] },
    ],
    ['an image that is embedded', 'embeddings', { input: `data:image/png;base64,${data}` }],
    ['one of a list', 'embeddings', { input: [`data:image/png;base64,${data}`] }],
    ['one by its name', 'embeddings', { input: [{ image: `data:image/png;base64,${data}` }] }],
  ])('takes %s for an attachment', (_what, endpoint, fields) => {
    const { bytes, tokens } = promptSize(asked(endpoint, fields)[0]);
    expect([bytes < 100, tokens]).toEqual([true, 1200]);
  });

  it('takes an upload for an attachment, however many bytes it has, and no body for nothing', () => {
    const upload = (bytes: Buffer) => promptSize(readRequest('audio/transcriptions', 'audio/wav', bytes));
    expect(upload(Buffer.alloc(2_000_000, 0xff))).toEqual({ bytes: 0, tokens: 1200 });
    expect(upload(Buffer.alloc(0))).toEqual({ bytes: 0, tokens: 0 });
  });

  it('takes a document of text for its text', () => {
    const source = { type: 'text', media_type: 'text/plain', data };
    expect(sizeOf({ type: 'document', source }).bytes).toBeGreaterThanOrEqual(data.length);
    expect(sizeOf({ type: 'tool_use', input: { source: { type: 'base64', data } } }).bytes).toBeGreaterThanOrEqual(
      data.length,
    );
  });
});

describe('B5: the pieces after which a backend has lost count', () => {
  const pieces = (endpoint: string, fields: object, added: number | null, sizes: Partial<Sizes>) => {
    const [request, wishes] = asked(endpoint, fields);
    const largest = wishes.maxTokens ?? (wishes.generates ? added : null) ?? undefined;
    return mostPieces(request, wishes, largest, model(sizes));
  };

  it('follow what was asked for, what the gateway added, or what the model can say', () => {
    expect(pieces(CHAT, { max_tokens: 10, n: 3 }, 50, { contextWindow: 1000 })).toBe(2 * 30 + 64);
    expect(pieces(CHAT, {}, 50, { contextWindow: 1000 })).toBe(2 * 50 + 64);
    expect(pieces(CHAT, { n: 2 }, null, { contextWindow: 1000, maxOutputTokens: 100 })).toBe(2 * 2000 + 64);
    expect(pieces('completions', {}, null, { maxOutputTokens: 100 })).toBe(2 * 100 + 64);
  });

  it('are without a bound where nobody knows one', () => {
    expect(pieces(CHAT, {}, null, {})).toBe(Infinity);
    expect(pieces('responses', {}, null, { contextWindow: 1000 })).toBe(Infinity);
    expect(pieces('audio/transcriptions', {}, 50, { contextWindow: 448 })).toBe(Infinity);
  });
});

describe('B15: the largest count that is believed', () => {
  it.each<[string, object, number | null, number]>([
    [CHAT, {}, 4096, 4096],
    [CHAT, { n: 3 }, 4096, 3 * 4096],
    ['completions', { prompt: ['a', 'b'] }, 4096, 2 * 4096],
    [CHAT, {}, null, LARGEST_COUNT],
    [CHAT, { n: 128 }, 100_000_000, LARGEST_COUNT],
    ['responses', {}, 4096, LARGEST_COUNT],
    ['messages', {}, 4096, LARGEST_COUNT],
    ['embeddings', {}, 512, LARGEST_COUNT],
  ])('of %s with %j and a context of %s is %i', (endpoint, fields, contextWindow, largest) => {
    const [request, wishes] = asked(endpoint, fields);
    expect(largestCount(request, wishes, model({ contextWindow }))).toBe(largest);
  });
});
