import { describe, expect, it } from '@jest/globals';
import { readConfig } from './config.js';

describe('readConfig', () => {
  it('needs no variable, and takes an empty one for absent', () => {
    const defaults = {
      host: '127.0.0.1',
      port: 8000,
      options: { models: undefined, pace: { ttftMs: 40, tokenMs: 15, jitter: 0.2 } },
    };
    expect(readConfig({})).toEqual(defaults);
    expect(readConfig({ SIMULATOR_PORT: '', SIMULATOR_MODELS: ' , ', SIMULATOR_HOST: ' ' })).toEqual(defaults);
  });

  it('reads every variable', () => {
    const config = readConfig({
      SIMULATOR_PORT: '0',
      SIMULATOR_HOST: '0.0.0.0',
      SIMULATOR_MODELS: 'a, org/b',
      SIMULATOR_TTFT_MS: '0',
      SIMULATOR_TOKEN_MS: '2.5',
      SIMULATOR_JITTER: '0',
    });
    expect(config).toEqual({
      host: '0.0.0.0',
      port: 0,
      options: { models: ['a', 'org/b'], pace: { ttftMs: 0, tokenMs: 2.5, jitter: 0 } },
    });
  });

  it('names every variable that is wrong', () => {
    const wrong = {
      SIMULATOR_PORT: '70000',
      SIMULATOR_TTFT_MS: '-1',
      SIMULATOR_TOKEN_MS: 'fast',
      SIMULATOR_JITTER: '2',
    };
    for (const name of Object.keys(wrong)) expect(() => readConfig(wrong)).toThrow(name);
  });
});
