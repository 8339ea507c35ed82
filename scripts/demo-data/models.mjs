import { markedId } from './mark.mjs';

const DAY = 86_400_000;
const chat = ['chat', 'completions', 'responses', 'tools', 'streaming'];

/** `from`: the lowest tier that may use it, counted from below; `pace`: milliseconds for each token. */
const known = [
  { id: 'llama-3.3-70b', name: 'Llama 3.3 70B', description: 'General purpose, with tools.', contextWindow: 131_072, from: 0, share: 30, firstByte: 320, pace: 22 },
  { id: 'mistral-small-3.2', name: 'Mistral Small 3.2', description: 'Fast answers to short questions.', contextWindow: 131_072, from: 0, share: 24, firstByte: 140, pace: 9 },
  { id: 'qwen3-coder-30b', name: 'Qwen3 Coder 30B', description: 'Writes and reviews code.', contextWindow: 262_144, from: 1, share: 22, firstByte: 260, pace: 14 },
  { id: 'gemma-3-27b', name: 'Gemma 3 27B', description: 'Reads pictures too.', contextWindow: 131_072, from: 1, share: 10, firstByte: 300, pace: 18 },
  { id: 'deepseek-r1-671b', name: 'DeepSeek R1', description: 'Thinks before it answers: slow and thorough.', contextWindow: 163_840, from: 2, share: 8, firstByte: 900, pace: 31 },
  { id: 'granite-embedding-278m', name: 'Granite Embedding', description: 'Turns texts into vectors, for search.', contextWindow: 512, from: 0, share: 16, firstByte: 25, pace: 0 },
]; // prettier-ignore

/** @param tiers the lowest first @param url where the simulator listens; undefined: nowhere */
export function makeModels({ now, tiers, url }) {
  return known.map((model, index) => {
    const createdAt = now - (60 - index * 4) * DAY;
    const weights = index === 0 ? [3, 1] : index === 2 ? [1, 1] : [1];
    return {
      ...model,
      isEmbedding: model.pace === 0,
      capabilities: model.pace === 0 ? ['embeddings'] : chat,
      createdAt,
      enabled: url !== undefined,
      tiers: tiers.slice(Math.min(model.from, tiers.length - 1)).map(({ name }) => name),
      backends: weights.map((weight) => ({
        id: markedId(createdAt),
        url: url ?? 'http://127.0.0.1:9/v1',
        weight,
        createdAt,
      })),
    };
  });
}
