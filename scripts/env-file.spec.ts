import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';

const { loadEnvFile } = (await import(join(import.meta.dirname, 'env-file.mjs'))) as {
  loadEnvFile: (file: string, example: string, environment: Record<string, string>) => string[];
};

const folder = mkdtempSync(join(tmpdir(), 'maas-env-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

const example = join(import.meta.dirname, '../.env.example');

function load(text: string, environment: Record<string, string> = {}) {
  const file = join(folder, '.env');
  writeFileSync(file, text);
  return { unknown: loadEnvFile(file, example, environment), environment };
}

describe('the file .env', () => {
  it('sets what is not set yet', () => {
    const { environment } = load('PORT=9090\nLOG_LEVEL="warn"\n# HOST=::1\n', { PORT: '8081', REDIS_URL: '' });
    expect(environment).toEqual({ PORT: '8081', LOG_LEVEL: 'warn', REDIS_URL: '' });
    expect(load('REDIS_URL=redis://h', { REDIS_URL: '' }).environment).toEqual({ REDIS_URL: '' });
  });

  it('names what is no setting, such as one that is misspelt, and sets it all the same', () => {
    const { unknown, environment } = load('REDIS_URI=redis://h\nPort=1\nDATABASE_URLS_FILE=x\nPORT=9090\n');
    expect(unknown.toSorted()).toEqual(['DATABASE_URLS_FILE', 'Port', 'REDIS_URI']);
    expect(environment).toMatchObject({ REDIS_URI: 'redis://h', PORT: '9090' });
  });

  it('takes settings, files that hold them, and what others read, as they are', () => {
    const known = [
      'TLS_CERT_FILE',
      'DATABASE_URL_FILE',
      'MAAS_DEMO_PASSWORD',
      'OTEL_SERVICE_NAME',
      'OTEL_SPAN_EVENT_COUNT_LIMIT',
    ];
    const others = ['SIMULATOR_TTFT_MS', 'NODE_EXTRA_CA_CERTS', 'HTTPS_PROXY', 'no_proxy', 'POSTGRES_PASSWORD'];
    expect(load([...known, ...others].map((name) => `${name}=x`).join('\n')).unknown).toEqual([]);
  });

  it('is read before anything that a command does', () => {
    mkdirSync(join(folder, 'scripts'));
    for (const file of ['env-file.mjs', 'use-env-file.mjs'])
      cpSync(join(import.meta.dirname, file), join(folder, 'scripts', file));
    cpSync(example, join(folder, '.env.example'));
    writeFileSync(join(folder, '.env'), 'PORT=9090\nHOST=::1\n');
    const command = [
      '--import',
      './scripts/use-env-file.mjs',
      '--print',
      '[process.env.PORT, process.env.HOST].join()',
    ];
    const options = { cwd: folder, env: { PORT: '8081' }, encoding: 'utf8' } as const;
    expect(execFileSync(process.execPath, command, options)).toBe('8081,::1\n');
  });

  it('cannot be a folder', () => {
    expect(() => loadEnvFile(folder, example, {})).toThrow(/EISDIR/);
  });
});
