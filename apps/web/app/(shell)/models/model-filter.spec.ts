import { describe, expect, it } from '@jest/globals';
import type { ListedModel } from '@maas/contracts/models';
import { canChat, capabilitiesOf, filterModels } from './model-filter';

const model = (id: string, values: Partial<ListedModel> = {}) =>
  ({ id, name: id.toUpperCase(), ready: true, ...values }) as ListedModel;
const models = [
  model('llama-70b', { description: 'General purpose', capabilities: ['chat', 'tools'] }),
  model('granite-embedding', { ready: false, capabilities: ['embeddings'] }),
  model('plain'),
];
const all = { search: '', readiness: null, capability: null };
const ids = (filter: Partial<Parameters<typeof filterModels>[1]>) =>
  filterModels(models, { ...all, ...filter }).map(({ id }) => id);

describe('the filter of the catalogue', () => {
  it('lets all through while nothing is asked', () => expect(ids({})).toHaveLength(3));
  it('finds every word, wherever it is', () => expect(ids({ search: ' PURPOSE llama' })).toEqual(['llama-70b']));
  it('knows what is ready', () => {
    expect(ids({ readiness: 'ready' })).toEqual(['llama-70b', 'plain']);
    expect(ids({ readiness: 'unready' })).toEqual(['granite-embedding']);
  });
  it('knows what a model can do', () => expect(ids({ capability: 'tools' })).toEqual(['llama-70b']));
  it('wants all of it together', () => expect(ids({ capability: 'tools', readiness: 'unready' })).toEqual([]));
});

it('offers each capability once', () => expect(capabilitiesOf(models)).toEqual(['chat', 'embeddings', 'tools']));

it('talks to all but models for embeddings alone', () => {
  expect(models.map(canChat)).toEqual([true, false, true]);
  expect(canChat({ capabilities: ['embeddings', 'chat'] })).toBe(true);
  expect(canChat({ capabilities: ['vision'] })).toBe(true);
});
