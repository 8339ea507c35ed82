import { describe, expect, it } from '@jest/globals';
import type { KServeModel } from './kserve-model.js';
import { settleClaims, tiersOf } from './model-claims.js';

const model = (id: string, namespace: string, createdAt: number, tiers: KServeModel['tiers'] = []): KServeModel => ({
  id,
  namespace,
  createdAt,
  tiers,
  kind: 'LLMInferenceService',
  objectName: id,
  uid: `${namespace}/${id}`,
  name: id,
  description: null,
  readiness: 'ready',
  note: null,
  url: 'http://x/v1',
  upstreamModel: null,
  problems: [],
});
const none = new Set<string>();
const nothing = { followed: new Map<string, string>(), kept: new Map<string, string>() };

describe('an id that several objects want', () => {
  it('belongs to the oldest, whatever order they come in', () => {
    const [old, young] = [model('a', 'z', 1), model('a', 'b', 2)];
    for (const found of [
      [old, young],
      [young, old],
    ]) {
      const { taken, refusals } = settleClaims(found, none, nothing);
      expect(taken).toEqual([old]);
      expect(refusals).toEqual([
        { object: 'LLMInferenceService b/a', problem: 'the id a is that of LLMInferenceService z/a, which is older' },
      ]);
    }
  });

  it('belongs to the first by name, of the same second', () => {
    expect(settleClaims([model('a', 'z', 1), model('a', 'b', 1)], none, nothing).taken).toEqual([model('a', 'b', 1)]);
  });

  it('belongs to none of them where it was registered by hand', () => {
    const { taken, refusals } = settleClaims([model('a', 'z', 1), model('b', 'z', 1)], new Set(['a']), nothing);
    expect(taken.map(({ id }) => id)).toEqual(['b']);
    expect(refusals).toEqual([
      { object: 'LLMInferenceService z/a', problem: expect.stringContaining('registered here') },
    ]);
  });

  it('stays with what is in service, when an older object comes to want it', () => {
    const [old, serving] = [model('a', 'z', 1), model('a', 'b', 2)];
    const { taken, refusals } = settleClaims([old, serving], none, {
      ...nothing,
      followed: new Map([['a', serving.uid]]),
    });
    expect(taken).toEqual([serving]);
    expect(refusals).toEqual([
      {
        object: 'LLMInferenceService z/a',
        problem: 'the id a is that of LLMInferenceService b/a, which is in service',
      },
    ]);
  });

  it('goes to the oldest, of those that serve nothing by this id', () => {
    const [old, young] = [model('a', 'z', 1), model('a', 'b', 2)];
    const followed = new Map([['b', young.uid]]);
    expect(settleClaims([young, old], none, { ...nothing, followed }).taken).toEqual([old]);
  });

  it('stays with what is in service, though its object cannot be read any more', () => {
    const kept = new Map([['a', 'LLMInferenceService b/a, which cannot be read any more']]);
    const { taken, refusals } = settleClaims([model('a', 'z', 1)], none, { ...nothing, kept });
    expect([taken, refusals[0]?.problem]).toEqual([
      [],
      'the id a is that of LLMInferenceService b/a, which cannot be read any more',
    ]);
  });
});

describe('the tiers of a model', () => {
  it('are all that there are, or those of its list that there are; the others are told', () => {
    expect(tiersOf('all', ['premium', 'free'])).toEqual({ open: ['free', 'premium'], missing: [] });
    expect(tiersOf(['premium', 'gone'], ['premium', 'free'])).toEqual({
      open: ['premium'],
      missing: ['gone'],
    });
  });
});
