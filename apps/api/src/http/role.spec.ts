import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { isControlPlanePath } from './role.js';

const document = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')) as { paths: object };

describe('a gateway', () => {
  it('serves nothing of the documented API but inference, the list of models and the probes', () => {
    const served = Object.keys(document.paths).filter((path) => !isControlPlanePath(path));
    expect(served.filter((path) => !/^(?:\/\{model\})?\/v1\/[a-z/]+$/.test(path)).sort()).toEqual([
      '/health',
      '/healthz',
      '/readyz',
      '/v1/models/{id}',
    ]);
  });

  it.each([
    '/maas-api/v1/tokens',
    '/v1/tokens',
    '/v1/tokens/current?x=1',
    '/docs',
    '/docs-json',
    '/auth/oidc/callback',
  ])('leaves %s to the control plane', (path) => expect(isControlPlanePath(path)).toBe(true));

  it.each(['/', '/documents', '/v1/models', '/v1/tokenset', '/models.txt', '/qwen3/v1/chat/completions'])(
    'keeps %s, which only looks alike',
    (path) => expect(isControlPlanePath(path)).toBe(false),
  );
});
