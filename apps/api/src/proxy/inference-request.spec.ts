import { describe, expect, it } from '@jest/globals';
import { ApiError } from '../http/api-error.js';
import { type InferenceRequest, readRequest, type Wishes, wishesOf } from './inference-request.js';

const CHAT = 'chat/completions';
const read = (
  body: string | Buffer,
  endpoint = CHAT,
  type: string | undefined = 'application/json',
): InferenceRequest => readRequest(endpoint, type, Buffer.from(body));
const wishes = (fields: object, endpoint = CHAT): Wishes => wishesOf(read(JSON.stringify(fields), endpoint));

function refusalOf(work: () => unknown): ApiError {
  try {
    work();
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('not refused');
}

describe('readRequest', () => {
  it('keeps the bytes as they came, beside what they say', () => {
    const body = ' {"model": "x", "seed":12345678901234567890}\n';
    const { bytes, json } = read(body);
    expect(bytes.toString()).toBe(body);
    expect(json?.text).toBe(body);
    expect(json?.fields['model']).toBe('x');
  });

  it.each([
    undefined,
    '',
    'application/json',
    'application/json; charset=utf-8',
    'APPLICATION/JSON',
    'application/vnd.x+json',
    'text/plain',
    'application/x-www-form-urlencoded',
  ])('reads JSON that is called %j', (type) =>
    expect(readRequest('rerank', type, Buffer.from(' {"model":"x"}')).json?.fields).toEqual({ model: 'x' }),
  );

  it.each(['application/octet-stream', 'multipart/form-data; boundary=x', 'audio/wav', 'x/y'])(
    'reads what begins as JSON, and all for an endpoint that generates, when it is called %s',
    (type) => {
      expect(read('\r\n {"model":"x"}', 'rerank', type).json?.fields).toEqual({ model: 'x' });
      for (const endpoint of [CHAT, 'completions', 'responses', 'messages']) {
        expect(read(' {"model":"x"}', endpoint, type).json?.fields).toEqual({ model: 'x' });
        expect(refusalOf(() => read('--x\r\n', endpoint, type)).code).toBe('invalid_json');
      }
    },
  );

  it('leaves what is no JSON to the backend, as it is', () => {
    const form = Buffer.from(
      '--x\r\ncontent-disposition: form-data; name="file"\r\n\r\n\xff{"model":"x"}\r\n--x--',
      'latin1',
    );
    const request = read(form, 'audio/transcriptions', 'multipart/form-data; boundary=x');
    expect(request.json).toBeUndefined();
    expect(request.bytes.equals(form)).toBe(true);
  });

  it('finds the model of a form as clients write it', async () => {
    const form = new FormData();
    form.set('file', new Blob(['\0\r\n--x']), 'a "quoted" ü.wav');
    form.set('model', 'whisper');
    const upload = new Response(form);
    const bytes = Buffer.from(await upload.clone().arrayBuffer());
    const request = readRequest('audio/transcriptions', upload.headers.get('content-type') ?? '', bytes);
    expect(wishesOf(request).model).toBe('whisper');
  });

  it('refuses a form that two readers could take differently', () => {
    const form = "--x\r\ncontent-disposition: form-data; name*=UTF-8''model\r\n\r\nclosed\r\n--x--";
    const error = refusalOf(() => read(form, 'audio/transcriptions', 'multipart/form-data; boundary=x'));
    expect(error).toMatchObject({ status: 400, param: 'model' });
  });

  it('takes no body for no JSON', () => {
    expect(read('').json).toBeUndefined();
    expect(wishesOf(read(''))).toMatchObject({ model: undefined, stream: false, maxTokens: undefined });
  });

  it.each(['[]', 'null', '"x"', '1', '[{"model":"x"}]'])('refuses %s, which is no object', (body) => {
    expect(refusalOf(() => read(body))).toMatchObject({ status: 400, code: 'invalid_json' });
  });

  it.each(['{', '{"a":1,"a":2}', '{"__proto__":1}', '\ufeff{}'])(
    'refuses %j, which is not what JSON should be',
    (body) => {
      expect(refusalOf(() => read(body))).toMatchObject({ status: 400, code: 'invalid_json' });
    },
  );

  it('refuses bytes that are not UTF-8', () => {
    expect(refusalOf(() => read(Buffer.from('{"model":"\xff"}', 'latin1'))).message).toContain('UTF-8');
  });

  it.each([
    'Model',
    'MODEL',
    'mOdel',
    'STREAM',
    'ſtream',
    'Max_Tokens',
    'max_to\u212aens',
    'N',
    'Best_Of',
    'Prompt',
    'stream_Options',
    'Background',
  ])('refuses the field %s, which some would take for another', (name) => {
    const error = refusalOf(() => read(JSON.stringify({ model: 'x', [name]: 1 })));
    expect(error).toMatchObject({ status: 400, code: 'invalid_request', param: name });
  });

  it('takes any other field, and those within', () => {
    const body = {
      model: 'x',
      Foo: 1,
      Messages: 1,
      modelx: 1,
      'model ': 1,
      x: { Model: 1, STREAM: [{ N: 1 }] },
      ΜODEL: 1,
    };
    expect(read(JSON.stringify(body)).json?.fields).toEqual(body);
  });
});

describe('wishesOf', () => {
  it('finds nothing asked for in an empty object', () => {
    expect(wishes({})).toEqual({
      model: undefined,
      stream: false,
      includeUsage: false,
      usageOnDemand: false,
      maxTokens: undefined,
      choices: 1,
      shownChoices: 1,
      generates: true,
      isFree: false,
    });
  });

  it.each([
    [CHAT, { max_tokens: 5 }, 5],
    [CHAT, { max_completion_tokens: 6 }, 6],
    [CHAT, { max_tokens: 5, max_completion_tokens: 6 }, 6],
    [CHAT, { max_tokens: 7, max_completion_tokens: null }, 7],
    [CHAT, { max_tokens: 0 }, 0],
    [CHAT, { max_output_tokens: 5 }, undefined],
    ['completions', { max_tokens: 5 }, 5],
    ['completions', { max_completion_tokens: 5 }, undefined],
    ['responses', { max_output_tokens: 5 }, 5],
    ['responses', { max_tokens: 5 }, undefined],
    ['messages', { max_tokens: 5 }, 5],
    ['embeddings', { max_tokens: 5 }, undefined],
    ['embeddings', { max_tokens: 'x' }, undefined],
  ])('takes for the largest answer of %s only what its backend obeys: %j', (endpoint, fields, expected) => {
    expect(wishes(fields, endpoint).maxTokens).toBe(expected);
  });

  it.each([
    [{}, 1, 1],
    [{ n: 3 }, 3, 3],
    [{ n: null }, 1, 1],
    [{ n: 2, best_of: 5 }, 5, 2],
    [{ n: 5, best_of: 2 }, 5, 5],
    [{ prompt: 'x', n: 2 }, 2, 2],
    [{ prompt: ['x'] }, 1, 1],
    [{ prompt: ['x', 'y', 'z'] }, 3, 3],
    [{ prompt: ['x', 'y', 'z'], n: 4, best_of: 5 }, 15, 12],
    [{ prompt: [1, 2, 3] }, 1, 1],
    [{ prompt: [[1, 2], [3]] }, 2, 2],
    [{ prompt: [] }, 1, 1],
  ])('counts the answers that %j asks for, and those that are shown', (fields, made, shown) => {
    expect(wishes(fields, 'completions')).toMatchObject({ choices: made, shownChoices: shown });
  });

  it.each([
    ['POST', 'chat/completions', false],
    ['POST', 'embeddings', false],
    ['POST', 'responses/compact', false],
    ['POST', 'messages/count_tokens', true],
    ['POST', 'responses/resp_1/cancel', true],
    ['POST', 'chat/completions/chatcmpl-1', true],
    ['POST', 'chat/completions/batch', false],
    ['POST', 'x/responses/1/cancel', false],
    ['GET', 'responses/resp_1', true],
    ['DELETE', 'responses/resp_1', true],
    ['GET', 'chat/completions', true],
  ])('knows whether a model runs for %s %s', (method, endpoint, isFree) => {
    expect(wishesOf(read('', endpoint), method).isFree).toBe(isFree);
  });

  it('refuses an answer that is made in the background, where nothing would meter it', () => {
    for (const background of [true, 'true', 1, 'on']) {
      const error = refusalOf(() => wishes({ background }, 'responses'));
      expect(error).toMatchObject({ status: 400, code: 'invalid_request', param: 'background' });
    }
    for (const background of [false, null, undefined]) expect(wishes({ background }, 'responses').generates).toBe(true);
  });

  it.each([
    [CHAT, true, undefined, true, false],
    [CHAT, true, { include_usage: true }, true, true],
    [CHAT, true, { include_usage: 'yes' }, true, false],
    [CHAT, true, null, true, false],
    [CHAT, true, [true], false, false],
    [CHAT, true, 'x', false, false],
    [CHAT, false, { include_usage: true }, false, true],
    [CHAT, null, undefined, false, false],
    ['completions', true, undefined, true, false],
    ['responses', true, undefined, false, false],
    ['messages', true, undefined, false, false],
  ])(
    'knows whether the usage of a stream of %s has to be asked for: %j %j',
    (endpoint, stream, options, usageOnDemand, includeUsage) => {
      expect(wishes({ stream, stream_options: options }, endpoint)).toMatchObject({
        stream: stream === true,
        usageOnDemand,
        includeUsage,
      });
    },
  );

  it.each([
    ['model', [null, 1, true, [], {}]],
    ['stream', ['true', 0, 1, [], {}]],
    ['max_tokens', ['1', 1.5, -1, 2_147_483_648, 1e300, true, [], {}]],
    ['max_completion_tokens', ['1', 0.5, -1]],
    ['n', ['1', 0, -1, 1.5, 129, true, [1]]],
    ['best_of', ['1', 0, 129]],
  ])('names %s when it cannot be meant', (name, values) => {
    for (const value of values) {
      expect([value, refusalOf(() => wishes({ [name]: value }))]).toMatchObject([
        value,
        { status: 400, code: 'invalid_request', param: name },
      ]);
    }
  });

  it('looks at no property that is not the body’s own', () => {
    expect(wishes({ constructor: { max_tokens: 1 }, toString: 1, valueOf: 1 })).toMatchObject({
      maxTokens: undefined,
      choices: 1,
    });
  });
});
