/** What a first call needs. With `secret`, the commands work as they are; without, they read the environment. */
export interface SnippetInput {
  /** The origin of the platform, without a slash at the end: `https://maas.example.com`. */
  origin: string;
  model: string;
  secret?: string;
  prompt?: string;
  stream?: boolean;
  system?: string;
  temperature?: number;
  maxTokens?: number;
}

export type SnippetId = 'curl' | 'python' | 'javascript' | 'env';

export interface Snippet {
  id: SnippetId;
  label: string;
  code: string;
}

/** A first call in each language, for the OpenAI SDKs (https://platform.openai.com/docs/libraries) and for curl. */
export function snippets(input: SnippetInput): Snippet[] {
  return [
    { id: 'curl', label: 'curl', code: curl(input) },
    { id: 'python', label: 'Python', code: python(input) },
    { id: 'javascript', label: 'JavaScript', code: javascript(input) },
  ];
}

/** The variables that the OpenAI SDKs read by themselves; also the content of an `.env` file. */
export function environment({ origin, secret }: Pick<SnippetInput, 'origin' | 'secret'>): string {
  return `OPENAI_BASE_URL=${origin}/v1\nOPENAI_API_KEY=${secret ?? '…'}\n`;
}

function curl(input: SnippetInput): string {
  const key = input.secret ?? '$OPENAI_API_KEY';
  const fields = { model: input.model, messages: messages(input), ...parameters(input) };
  const lines = Object.entries(fields).map(([name, value]) => `    "${name}": ${JSON.stringify(value)}`);
  const body = `{\n${lines.join(',\n')}\n  }`;
  return [
    `curl ${input.stream ? '-N ' : ''}${shellQuoted(`${input.origin}/v1/chat/completions`)} \\`,
    `  -H "Authorization: Bearer ${key}" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d ${shellQuoted(body)}`,
  ].join('\n');
}

function python(input: SnippetInput): string {
  const lines = [
    ...(input.secret === undefined ? ['import os', ''] : []),
    'from openai import OpenAI  # pip install openai',
    '',
    'client = OpenAI(',
    `    base_url=${literal(`${input.origin}/v1`)},`,
    `    api_key=${input.secret === undefined ? 'os.environ["OPENAI_API_KEY"]' : literal(input.secret)},`,
    ')',
    `${input.stream ? 'stream' : 'completion'} = client.chat.completions.create(`,
    `    model=${literal(input.model)},`,
    '    messages=[',
    ...messages(input).map(
      ({ role, content }) => `        {"role": ${literal(role)}, "content": ${literal(content)}},`,
    ),
    '    ],',
    ...Object.entries(parameters(input)).map(
      ([name, value]) => `    ${name}=${value === true ? 'True' : String(value)},`,
    ),
    ')',
  ];
  if (!input.stream) return [...lines, 'print(completion.choices[0].message.content)'].join('\n');
  return [
    ...lines,
    'for chunk in stream:',
    '    if chunk.choices:',
    '        print(chunk.choices[0].delta.content or "", end="", flush=True)',
  ].join('\n');
}

function javascript(input: SnippetInput): string {
  const lines = [
    "import OpenAI from 'openai'; // npm install openai",
    '',
    'const client = new OpenAI({',
    `  baseURL: ${literal(`${input.origin}/v1`)},`,
    `  apiKey: ${input.secret === undefined ? 'process.env.OPENAI_API_KEY' : literal(input.secret)},`,
    '});',
    `const ${input.stream ? 'stream' : 'completion'} = await client.chat.completions.create({`,
    `  model: ${literal(input.model)},`,
    '  messages: [',
    ...messages(input).map(({ role, content }) => `    { role: ${literal(role)}, content: ${literal(content)} },`),
    '  ],',
    ...Object.entries(parameters(input)).map(([name, value]) => `  ${name}: ${String(value)},`),
    '});',
  ];
  if (!input.stream) return [...lines, 'console.log(completion.choices[0].message.content);'].join('\n');
  return [
    ...lines,
    'for await (const chunk of stream) {',
    "  process.stdout.write(chunk.choices[0]?.delta?.content ?? '');",
    '}',
  ].join('\n');
}

function messages({ system, prompt = 'Hello, how are you?' }: SnippetInput): { role: string; content: string }[] {
  const user = { role: 'user', content: prompt };
  return system === undefined || system === '' ? [user] : [{ role: 'system', content: system }, user];
}

function parameters({ temperature, maxTokens, stream }: SnippetInput): Record<string, number | true> {
  return {
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...(stream && { stream: true as const }),
  };
}

/** A string of JSON is a string of JavaScript and of Python too; U+2028 and U+2029 would end a line in either's editors. */
function literal(text: string): string {
  return JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

/** In single quotes nothing has a meaning to a shell (POSIX, 2.2.2). */
function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
