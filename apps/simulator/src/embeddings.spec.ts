import { describe, expect, it } from '@jest/globals';
import type { CreateEmbeddingResponse } from 'openai/resources/embeddings';
import { answerEmbedding } from './embeddings.js';
import { embed } from './embedding.js';
import { ModelCatalogue } from './models.js';

const anyModel = new ModelCatalogue();

function request(fields: object): CreateEmbeddingResponse {
  return answerEmbedding({ model: 'simulator', ...fields }, anyModel).body() as CreateEmbeddingResponse;
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, component, index) => sum + component * (b[index] ?? 0), 0);
}

describe('embed', () => {
  it.each(['Hello', '漢字', '   ', [1, 2, 3]])('gives %j a vector of length 1, always the same', (input) => {
    const vector = embed(input, 'simulator', 256);
    expect(dot(vector, vector)).toBeCloseTo(1, 5);
    expect(embed(input, 'simulator', 256)).toEqual(vector);
    expect(embed(input, 'another', 256)).not.toEqual(vector);
  });

  it('puts texts that share words nearer to each other than texts that do not', () => {
    const [cat, kitten, tax] = ['the cat sleeps on the mat', 'a cat sleeps', 'quarterly revenue forecast'].map((text) =>
      embed(text, 'simulator', 512),
    ) as [Float32Array, Float32Array, Float32Array];
    expect(dot(cat, kitten)).toBeGreaterThan(dot(cat, tax) + 0.2);
  });
});

describe('an embedding request', () => {
  it('accepts a text, texts, token ids and lists of token ids', () => {
    expect(request({ input: 'one two' })).toMatchObject({
      data: { length: 1 },
      usage: { prompt_tokens: 2, total_tokens: 2 },
    });
    expect(request({ input: ['one', 'two'] })).toMatchObject({
      data: [{ index: 0 }, { index: 1 }],
      usage: { prompt_tokens: 2 },
    });
    expect(request({ input: [5, 6, 7] })).toMatchObject({ data: { length: 1 }, usage: { prompt_tokens: 3 } });
    expect(request({ input: [[5], [6, 7]] })).toMatchObject({
      data: { length: 2 },
      usage: { prompt_tokens: 3 },
    });
  });

  it('has 1536 dimensions unless the request says otherwise', () => {
    expect(request({ input: 'x' }).data[0]?.embedding).toHaveLength(1536);
    expect(request({ input: 'x', dimensions: 8 }).data[0]?.embedding).toHaveLength(8);
  });

  it('encodes the same numbers in base64', () => {
    const floats = request({ input: 'x', dimensions: 8 }).data[0]?.embedding ?? [];
    const base64: unknown = request({ input: 'x', dimensions: 8, encoding_format: 'base64' }).data[0]?.embedding;
    const bytes = Buffer.from(String(base64), 'base64');
    expect(floats.map((_, index) => bytes.readFloatLE(index * 4))).toEqual(floats);
  });

  it.each(['', [], [''], [[]], 5, null, undefined, [1, 'two']])('refuses the input %j', (input) => {
    expect(() => request({ input })).toThrow(
      expect.objectContaining({ status: 400, param: expect.stringMatching(/^input/) }),
    );
  });
});
