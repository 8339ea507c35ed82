import { describe, expect, it } from '@jest/globals';
import { inferenceService, internalUrl, llmInferenceService } from '../../test/kserve-objects.js';
import { kserveModel, type KServeModel } from './kserve-model.js';

const URL_ = 'https://gateway.example.com/llm/qwen3';
const metadata = { uid: 'u', generation: 1, creationTimestamp: '2026-11-20T08:00:00Z' };

type Fields = Parameters<typeof inferenceService>[0];
const llm = (fields: Partial<Fields> = {}) =>
  read('LLMInferenceService', llmInferenceService({ name: 'qwen3', url: URL_, metadata, ...fields }));
const service = (fields: Partial<Fields> = {}) =>
  read('InferenceService', inferenceService({ name: 'qwen3', url: 'http://qwen3.example.com', metadata, ...fields }));

function read(kind: KServeModel['kind'], object: unknown, choice: 'external' | 'internal' = 'external'): KServeModel {
  const result = kserveModel(kind, object, choice);
  if ('model' in result) return result.model;
  throw new Error(result.problem);
}

function withStatus(status: object): KServeModel {
  const object = llmInferenceService({ name: 'qwen3', url: URL_, metadata });
  return read('LLMInferenceService', { ...object, status: { ...(object['status'] as object), ...status } });
}

describe('an LLMInferenceService', () => {
  it('is a model of its name, owned by its namespace', () => {
    expect(llm()).toEqual({
      id: 'qwen3',
      kind: 'LLMInferenceService',
      namespace: 'llm',
      objectName: 'qwen3',
      uid: 'u',
      name: 'qwen3',
      description: null,
      createdAt: Date.parse(metadata.creationTimestamp),
      tiers: [],
      readiness: 'ready',
      note: null,
      url: `${URL_}/v1`,
      upstreamModel: null,
      problems: [],
    });
  });

  it('is called as its specification says, where it does', () => {
    expect(llm({ model: 'Qwen/Qwen3-0.6B' }).id).toBe('Qwen/Qwen3-0.6B');
    expect(llm({ model: '' }).id).toBe('qwen3');
  });

  it('is shown as the annotations of OpenShift say', () => {
    const annotations = { 'openshift.io/display-name': ' Qwen 3 ', 'openshift.io/description': 'Small and quick.' };
    expect(llm({ annotations })).toMatchObject({ name: 'Qwen 3', description: 'Small and quick.' });
  });

  it('is never cut within a character', () => {
    const long = `${'a'.repeat(199)}🙂`;
    const annotations = { 'openshift.io/display-name': long, 'openshift.io/description': long.repeat(10) };
    const { name, description } = llm({ annotations });
    expect([name.length, name.isWellFormed(), description?.isWellFormed()]).toEqual([200, true, true]);
  });

  it.each(['has spaces', 'v1', 'maas-api/x', '../x'])('that is called %j cannot be a model', (model) => {
    const result = kserveModel('LLMInferenceService', llmInferenceService({ name: 'a', model }), 'external');
    expect(result).toMatchObject({ problem: expect.stringContaining(`"${model}" cannot be the id`) });
  });

  it.each([
    ['its conditions', { status: { conditions: 'Ready' } }, 'status.conditions'],
    ['its address', { status: { url: 7 } }, 'status.url'],
    ['its model', { spec: { model: ['qwen3'] } }, 'spec.model'],
    ['its name', { spec: { model: { name: { of: 'qwen3' } } } }, 'spec.model.name'],
    ['all of it', { spec: 'another version' }, 'spec'],
  ])('of which %s is in another form cannot be read at all, and where is told', (_, parts, where) => {
    const object = { ...llmInferenceService({ name: 'a', url: URL_ }), ...parts };
    expect(kserveModel('LLMInferenceService', object, 'external')).toEqual({
      problem: expect.stringMatching(new RegExp(`^it is not as KServe describes its objects: ${where}: `)),
    });
  });

  it('that is nothing of the kind is said to be so', () => {
    expect(kserveModel('LLMInferenceService', { metadata: {} }, 'external')).toHaveProperty('problem');
  });
});

describe('the tiers', () => {
  it.each([
    ['no annotation', undefined, []],
    ['all of them by an empty list', '[]', 'all'],
    ['those of a list, each once', '["premium", "free", "premium"]', ['premium', 'free']],
  ])('are %s', (_, tiers, expected) => {
    const model = llm(tiers === undefined ? {} : { tiers });
    expect([model.tiers, model.problems]).toEqual([expected, []]);
  });

  it.each(['premium', '"premium"', '[1]', '{}', '', '[""]', 'null'])(
    'are as before by %j, which is reported',
    (tiers) => {
      const model = llm({ tiers });
      expect(model.tiers).toBe('as before');
      expect(model.problems).toEqual([expect.stringContaining('must be a JSON list of tiers')]);
    },
  );
});

describe('it is ready', () => {
  it('when its condition Ready is True, whatever the others are', () => {
    expect(service().readiness).toBe('ready');
    expect(llm({ ready: false })).toMatchObject({
      readiness: 'not ready',
      note: 'KServe says that it is not ready (Progressing: the deployment has 0 of 1 replicas)',
    });
    expect(withStatus({ conditions: [{ type: 'Ready', status: 'Unknown' }] }).readiness).toBe('not ready');
  });

  it('not before KServe has said anything', () => {
    expect(withStatus({ conditions: [] }).readiness).toBe('not ready');
    const { status: _, ...fresh } = llmInferenceService({ name: 'a' });
    expect(read('LLMInferenceService', fresh)).toMatchObject({ readiness: 'not ready', url: null });
  });

  it('as it was, while KServe has not looked at the newest specification', () => {
    expect(llm({ metadata: { ...metadata, generation: 2 } }).readiness).toBe('as before');
    expect(llm({ metadata: { ...metadata, generation: 2 }, observedGeneration: 2 }).readiness).toBe('ready');
  });

  it('not without an address', () => {
    const conditions = [{ type: 'Ready', status: 'True' }];
    expect(withStatus({ conditions, url: undefined, addresses: [] })).toMatchObject({
      readiness: 'not ready',
      url: null,
    });
    expect(withStatus({ conditions, url: 'ftp://x', addresses: [] })).toMatchObject({
      readiness: 'not ready',
      url: null,
    });
  });

  it('not while it is being deleted', () => {
    const object = llmInferenceService({ name: 'a', url: URL_ });
    const gone = { ...object, metadata: { ...object.metadata, deletionTimestamp: '2026-11-20T09:00:00Z' } };
    expect(read('LLMInferenceService', gone)).toMatchObject({ readiness: 'not ready', note: 'It is being deleted' });
  });
});

describe('its address', () => {
  it('is status.url, or else the first of the others', () => {
    const only = withStatus({ url: undefined });
    expect([llm().url, only.url]).toEqual([`${URL_}/v1`, `${URL_}/v1`]);
    expect(withStatus({ url: undefined, addresses: [], address: { url: 'http://a.b.svc' } }).url).toBe(
      'http://a.b.svc/v1',
    );
  });

  it('is the one within the cluster, where that is asked for and there is one', () => {
    const object = llmInferenceService({ name: 'qwen3', url: URL_ });
    expect(read('LLMInferenceService', object, 'internal').url).toBe(`${internalUrl('llm', 'qwen3')}/v1`);
    const raw = inferenceService({ name: 'qwen3', url: 'http://qwen3.example.com' });
    expect(read('InferenceService', raw, 'internal').url).toBe('http://qwen3-predictor.llm.svc.cluster.local:8080/v1');
    const outside = { ...object, status: { ...(object['status'] as object), addresses: [] } };
    expect(read('LLMInferenceService', outside, 'internal').url).toBe(`${URL_}/v1`);
  });

  it('has the prefix of KServe’s own server for Hugging Face, and of no other', () => {
    expect(service({ format: 'huggingface' }).url).toBe('http://qwen3.example.com/openai/v1');
    expect(service().url).toBe('http://qwen3.example.com/v1');
  });

  it('is left as it is where it ends in the path already', () => {
    expect(withStatus({ url: 'https://x.example.com/models/v1/' }).url).toBe('https://x.example.com/models/v1');
  });
});

describe('what the server calls it', () => {
  it.each([
    [['--model_name=llama3'], 'llama3'],
    [['--model-id=x', '--served-model-name', 'llama3'], 'llama3'],
    [['--model_name=qwen3'], null],
    [['--served-model-name'], null],
    [[], null],
  ])('by %j is %j', (args, expected) => {
    expect(service({ args }).upstreamModel).toBe(expected);
  });
});
