import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { environment, snippets, type SnippetId, type SnippetInput } from './snippets';

const origin = 'https://maas.example.com';
const hostile = `It's "quoted" \\ $HOME \`id\` \n new line, ü, 日本`;

const codeOf = (id: SnippetId, input: Partial<SnippetInput> = {}) =>
  snippets({ origin, model: 'simulator', ...input }).find((snippet) => snippet.id === id)?.code ?? '';

/** What a shell makes of the command, with curl replaced by something that shows its arguments. */
function argumentsOf(command: string): string[] {
  const script = `curl() { for argument in "$@"; do printf '%s\\0' "$argument"; done; }\n${command}`;
  const shown = execFileSync('sh', ['-c', script], {
    encoding: 'utf8',
    env: { ...process.env, OPENAI_API_KEY: 'key-of-environment' },
  });
  return shown.split('\0').slice(0, -1);
}

describe('the curl snippet', () => {
  it('sends the prompt as it is, whatever it holds', () => {
    const body = argumentsOf(codeOf('curl', { prompt: hostile, system: hostile })).at(-1) ?? '';
    expect(JSON.parse(body)).toEqual({
      model: 'simulator',
      messages: [
        { role: 'system', content: hostile },
        { role: 'user', content: hostile },
      ],
    });
  });

  it('reads the key from the environment unless it was given one', () => {
    expect(argumentsOf(codeOf('curl'))).toContain('Authorization: Bearer key-of-environment');
    expect(argumentsOf(codeOf('curl', { secret: 'aaa.bbb.ccc' }))).toContain('Authorization: Bearer aaa.bbb.ccc');
  });

  it('does not buffer a stream', () => {
    const words = argumentsOf(codeOf('curl', { stream: true, temperature: 0, maxTokens: 10 }));
    expect(words[0]).toBe('-N');
    expect(JSON.parse(words.at(-1) ?? '')).toMatchObject({ stream: true, temperature: 0, max_tokens: 10 });
  });
});

describe('a whole conversation', () => {
  const input = {
    system: 'Be brief.',
    messages: [
      { role: 'user', content: hostile },
      { role: 'assistant', content: 'Hello' },
      { role: 'user', content: 'Again' },
    ],
    topP: 0.9,
    stop: ['\n', "it's"],
  } satisfies Partial<SnippetInput>;

  it('is sent by curl as it is, with every parameter', () =>
    expect(JSON.parse(argumentsOf(codeOf('curl', input)).at(-1) ?? '')).toEqual({
      model: 'simulator',
      messages: [{ role: 'system', content: 'Be brief.' }, ...input.messages],
      top_p: 0.9,
      stop: input.stop,
    }));

  it('is written in Python with every parameter', () => {
    const code = codeOf('python', input);
    expect(code).toContain('        {"role": "assistant", "content": "Hello"},');
    expect(code).toContain('    top_p=0.9,\n    stop=["\\n","it\'s"],\n');
  });
});

describe('a call for embeddings', () => {
  const input = { endpoint: 'embeddings', prompt: hostile } as const;

  it('is one of that endpoint by curl', () => {
    const words = argumentsOf(codeOf('curl', input));
    expect(words).toContain(`${origin}/v1/embeddings`);
    expect(JSON.parse(words.at(-1) ?? '')).toEqual({ model: 'simulator', input: hostile });
  });

  it('is one of the SDKs', () => {
    const call = `client.embeddings.create({ model: "simulator", input: ${JSON.stringify(hostile)} });`;
    expect(codeOf('javascript', input)).toContain(call);
    expect(codeOf('python', input)).toContain(
      `client.embeddings.create(model="simulator", input=${JSON.stringify(hostile)})`,
    );
  });
});

describe('the JavaScript snippet', () => {
  it.each([true, false])('calls the SDK with what was chosen, streamed: %s', async (stream) => {
    const calls: unknown[] = [];
    const code = codeOf('javascript', { prompt: hostile, stream, maxTokens: 5 }).replace(/^import .*$/m, '');
    const answer = { choices: [{ message: { content: '' }, delta: { content: '' } }] };
    class OpenAI {
      chat = {
        completions: {
          create: async (body: unknown) => {
            calls.push(body);
            return stream ? [answer] : answer;
          },
        },
      };
      constructor(options: unknown) {
        calls.push(options);
      }
    }
    const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as FunctionConstructor;
    const silent = { log: () => {} };
    const process = { env: { OPENAI_API_KEY: 'key' }, stdout: { write: () => {} } };
    await AsyncFunction('OpenAI', 'console', 'process', code)(OpenAI, silent, process);
    expect(calls).toEqual([
      { baseURL: `${origin}/v1`, apiKey: 'key' },
      {
        model: 'simulator',
        messages: [{ role: 'user', content: hostile }],
        max_tokens: 5,
        ...(stream && { stream: true }),
      },
    ]);
  });
});

describe('the Python snippet', () => {
  it('writes each value as Python does', () => {
    const code = codeOf('python', { prompt: hostile, stream: true, temperature: 0.5, secret: 'aaa.bbb.ccc' });
    expect(code).toContain(`{"role": "user", "content": ${JSON.stringify(hostile)}},`);
    expect(code).toContain('    temperature=0.5,\n    stream=True,\n');
    expect(code).toContain('api_key="aaa.bbb.ccc"');
    expect(code).not.toContain('import os');
  });

  it('reads the key from the environment unless it was given one', () =>
    expect(codeOf('python')).toContain('api_key=os.environ["OPENAI_API_KEY"]'));
});

describe('the environment', () => {
  it('is what the SDKs read by themselves', () =>
    expect(environment({ origin, secret: 'aaa.bbb.ccc' })).toBe(
      'OPENAI_BASE_URL=https://maas.example.com/v1\nOPENAI_API_KEY=aaa.bbb.ccc\n',
    ));
});
