import { execFileSync, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..');
const children: ChildProcess[] = [];

/** Starts the compiled program as `npm start` does, with an IPC channel. */
function start(variables: Record<string, string> = {}): {
  child: ChildProcess;
  output: () => string;
  errors: () => string;
} {
  const child = fork(join(folder, 'dist/main.js'), {
    env: { ...process.env, SIMULATOR_PORT: '0', ...variables },
    silent: true,
  });
  children.push(child);
  let output = '';
  let errors = '';
  child.stdout?.on('data', (text) => (output += String(text)));
  child.stderr?.on('data', (text) => (errors += String(text)));
  return { child, output: () => output, errors: () => errors };
}

beforeAll(() => {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-b', folder]);
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

describe('the process', () => {
  it('says where it listens, on stdout and to its parent, and answers there', async () => {
    const { child, output } = start({ SIMULATOR_MODELS: 'only-one' });
    const [message] = (await once(child, 'message')) as [{ event: string; url: string }];
    expect(message.event).toBe('listening');
    expect(await (await fetch(`${message.url}/models`)).json()).toMatchObject({ data: [{ id: 'only-one' }] });
    child.kill('SIGTERM');
    await once(child, 'close');
    expect(output()).toBe(`${JSON.stringify(message)}\n`);
  });

  it('lets answers that have begun finish on SIGTERM, and then ends with 0', async () => {
    const { child } = start();
    const [{ url }] = (await once(child, 'message')) as [{ url: string }];
    const body = {
      model: 'm',
      messages: [{ role: 'user', content: 'x' }],
      stream: true,
      simulator: { tokens: 40, token_ms: 5 },
    };
    const response = await fetch(`${url}/chat/completions`, { method: 'POST', body: JSON.stringify(body) });
    child.kill('SIGTERM');
    expect(await response.text()).toMatch(/data: \[DONE\]\n\n$/);
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('does not outlive its parent: it ends when the channel to it closes', async () => {
    const { child } = start();
    await once(child, 'message');
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('ends with 1 and says why when the configuration is wrong', async () => {
    const { child, errors } = start({ SIMULATOR_JITTER: 'a lot' });
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(1);
    expect(errors()).toContain('SIMULATOR_JITTER');
  });
});
