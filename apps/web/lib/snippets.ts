/** What a first call needs. With `secret`, the commands work as they are; without, they read the environment. */
export interface SnippetInput {
  /** The origin of the platform, without a slash at the end: `https://maas.example.com`. */
  origin: string;
  model: string;
  secret?: string;
  prompt?: string;
  /** In place of `prompt`: a whole conversation, the last message last. */
  messages?: readonly SnippetMessage[];
  stream?: boolean;
  system?: string;
  temperature?: number;
  topP?: number;
  maxTokens?: number;
  stop?: readonly string[];
  /** What the model is for: an answer, or vectors of a text. */
  endpoint?: 'chat' | 'embeddings';
}

export interface SnippetMessage {
  role: 'user' | 'assistant';
  content: string;
}

export type SnippetId = 'curl' | 'python' | 'javascript' | 'env';

export interface Snippet {
  id: SnippetId;
  label: string;
  code: string;
}

/** A first call in each language, for the OpenAI SDKs (https://platform.openai.com/docs/libraries) and for curl. */
export function snippets(input: SnippetInput): Snippet[] {
  const ofEndpoint = input.endpoint === 'embeddings' ? embeddingCalls : chatCalls;
  const { curl, python, javascript } = ofEndpoint(input);
  return [
    { id: 'curl', label: 'curl', code: curl },
    { id: 'python', label: 'Python', code: python },
    { id: 'javascript', label: 'JavaScript', code: javascript },
  ];
}

type Calls = Record<Exclude<SnippetId, 'env'>, string>;

function chatCalls(input: SnippetInput): Calls {
  const fields = { model: input.model, messages: messages(input), ...parameters(input) };
  return {
    curl: curlCall(input, 'chat/completions', fields),
    python: [...pythonClient(input), ...pythonChat(input)].join('\n'),
    javascript: [...javascriptClient(input), ...javascriptChat(input)].join('\n'),
  };
}

function embeddingCalls(input: SnippetInput): Calls {
  const { model, prompt = 'The text to find again' } = input;
  return {
    curl: curlCall(input, 'embeddings', { model, input: prompt }),
    python: [
      ...pythonClient(input),
      `result = client.embeddings.create(model=${literal(model)}, input=${literal(prompt)})`,
      'print(result.data[0].embedding)',
    ].join('\n'),
    javascript: [
      ...javascriptClient(input),
      `const result = await client.embeddings.create({ model: ${literal(model)}, input: ${literal(prompt)} });`,
      'console.log(result.data[0].embedding);',
    ].join('\n'),
  };
}

/** The variables that the OpenAI SDKs read by themselves; also the content of an `.env` file. */
export function environment({ origin, secret }: Pick<SnippetInput, 'origin' | 'secret'>): string {
  return `OPENAI_BASE_URL=${origin}/v1\nOPENAI_API_KEY=${secret ?? '…'}\n`;
}

function curlCall(input: SnippetInput, path: string, fields: object): string {
  const key = input.secret ?? '$OPENAI_API_KEY';
  const lines = Object.entries(fields).map(([name, value]) => `    "${name}": ${JSON.stringify(value)}`);
  const body = `{\n${lines.join(',\n')}\n  }`;
  return [
    `curl ${input.stream ? '-N ' : ''}${shellQuoted(`${input.origin}/v1/${path}`)} \\`,
    `  -H "Authorization: Bearer ${key}" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d ${shellQuoted(body)}`,
  ].join('\n');
}

function pythonClient(input: SnippetInput): string[] {
  return [
    ...(input.secret === undefined ? ['import os', ''] : []),
    'from openai import OpenAI  # pip install openai',
    '',
    'client = OpenAI(',
    `    base_url=${literal(`${input.origin}/v1`)},`,
    `    api_key=${input.secret === undefined ? 'os.environ["OPENAI_API_KEY"]' : literal(input.secret)},`,
    ')',
  ];
}

function pythonChat(input: SnippetInput): string[] {
  const lines = [
    `${input.stream ? 'stream' : 'completion'} = client.chat.completions.create(`,
    `    model=${literal(input.model)},`,
    '    messages=[',
    ...messages(input).map(
      ({ role, content }) => `        {"role": ${literal(role)}, "content": ${literal(content)}},`,
    ),
    '    ],',
    ...Object.entries(parameters(input)).map(
      ([name, value]) => `    ${name}=${value === true ? 'True' : JSON.stringify(value)},`,
    ),
    ')',
  ];
  if (!input.stream) return [...lines, 'print(completion.choices[0].message.content)'];
  return [
    ...lines,
    'for chunk in stream:',
    '    if chunk.choices:',
    '        print(chunk.choices[0].delta.content or "", end="", flush=True)',
  ];
}

function javascriptClient(input: SnippetInput): string[] {
  return [
    "import OpenAI from 'openai'; // npm install openai",
    '',
    'const client = new OpenAI({',
    `  baseURL: ${literal(`${input.origin}/v1`)},`,
    `  apiKey: ${input.secret === undefined ? 'process.env.OPENAI_API_KEY' : literal(input.secret)},`,
    '});',
  ];
}

function javascriptChat(input: SnippetInput): string[] {
  const lines = [
    `const ${input.stream ? 'stream' : 'completion'} = await client.chat.completions.create({`,
    `  model: ${literal(input.model)},`,
    '  messages: [',
    ...messages(input).map(({ role, content }) => `    { role: ${literal(role)}, content: ${literal(content)} },`),
    '  ],',
    ...Object.entries(parameters(input)).map(([name, value]) => `  ${name}: ${JSON.stringify(value)},`),
    '});',
  ];
  if (!input.stream) return [...lines, 'console.log(completion.choices[0].message.content);'];
  return [
    ...lines,
    'for await (const chunk of stream) {',
    "  process.stdout.write(chunk.choices[0]?.delta?.content ?? '');",
    '}',
  ];
}

function messages(input: SnippetInput): { role: string; content: string }[] {
  const { system, prompt = 'Hello, how are you?' } = input;
  const asked = input.messages ?? [{ role: 'user', content: prompt }];
  return system === undefined || system === '' ? [...asked] : [{ role: 'system', content: system }, ...asked];
}

type Parameter = number | true | readonly string[];

function parameters({ temperature, topP, maxTokens, stop = [], stream }: SnippetInput): Record<string, Parameter> {
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...(stop.length > 0 && { stop }),
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
