import fc from 'fast-check';
import type { Route } from './route-table.js';

export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly as: 'token' | 'identity' | 'admin';
  readonly headers: Record<string, string>;
  readonly body?: string;
}

const nasty = fc.constantFrom(
  '', ' ', '0', '-1', '1e999', 'null', 'true', '..', '.', '%', '%00', '\0', '\ud800', '\uffff', '😀', "'", '"', '\\', ';--', '${x}', '{{x}}', '<script>',
  '__proto__', 'constructor', 'toString', '[object Object]', '\r\n', '=1+1', '*', '(', '[', '0198c0de-0000-7000-8000-000000000000', 'fake', 'closed',
  '2026-01-01T00:00:00Z', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59Z', 'http://127.0.0.1:9/v1', 'javascript:x', '15m', '30d', 'a'.repeat(300), 'system:authenticated',
); // prettier-ignore

const text = fc.oneof(
  nasty,
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const number = fc.oneof(fc.constantFrom(0, -0, 1, -1, 1.5, 2 ** 31, 2 ** 53, 1e308, -1e308), fc.integer(), fc.double());
const anything = fc.oneof(
  text,
  number,
  fc.boolean(),
  fc.constant(null),
  fc.array(text, { maxLength: 3 }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** The names of all fields and query parameters that the API's description knows. */
function namesIn(document: object): string[] {
  const names = new Set<string>([
    'model',
    'messages',
    'stream',
    'max_tokens',
    'n',
    'stop',
    'stream_options',
    'prompt',
    'input',
    'tools',
  ]);
  const visit = (value: unknown) => {
    if (typeof value !== 'object' || value === null) return;
    if ('properties' in value) for (const name of Object.keys(value.properties as object)) names.add(name);
    if ('in' in value && 'name' in value) names.add(String(value.name));
    Object.values(value).forEach(visit);
  };
  visit(document);
  return [...names];
}

/** A request to any route, with parameters, a query and a body of names that mean something and values that need not. */
export function anyRequest(routes: readonly Route[], document: object): fc.Arbitrary<FuzzRequest> {
  const inference = [
    '/v1/chat/completions',
    '/v1/embeddings',
    '/fake/v1/chat/completions',
    '/fake/v1/responses',
    '/closed/v1/x',
  ];
  const targets = [
    ...routes,
    ...inference.flatMap((path) => ['POST', 'POST', 'POST', 'GET', 'HEAD'].map((method) => ({ method, path }))),
  ];
  const name = fc.constantFrom(...namesIn(document));
  const fields = fc.dictionary(name, anything, { maxKeys: 8 });
  const word = fc.oneof(fc.stringMatching(/^[a-z]{1,8}$/), text);
  const likely = fc.record(
    {
      model: fc.constantFrom('fake', 'closed', 'none'),
      messages: fc.constant([{ role: 'user', content: 'hi' }]),
      name: word,
      displayName: word,
      id: word,
      groups: fc.array(word, { maxLength: 3 }),
      username: word,
      password: fc.constantFrom('short', 'one that is long enough'),
      expiration: fc.oneof(fc.constantFrom('15m', 3600), text, number),
      stream: fc.boolean(),
      max_tokens: fc.oneof(fc.nat(1000), number),
      level: fc.integer(),
      url: fc.oneof(fc.webUrl(), text),
      weight: fc.nat(2000),
      enabled: fc.boolean(),
      suspended: fc.boolean(),
      tierOverride: word,
      backends: fc.array(fc.record({ url: fc.oneof(fc.webUrl(), text), credential: text }, { requiredKeys: ['url'] }), {
        maxLength: 2,
      }),
    },
    { requiredKeys: ['model', 'messages', 'name', 'displayName', 'id', 'username', 'password'] },
  );
  const body = fc.oneof(
    fields.map((value) => JSON.stringify(value)),
    fc.tuple(likely, fields).map((values) => JSON.stringify(Object.assign({}, ...values))),
    likely.map((value) => JSON.stringify(value)),
    fc.json({ maxDepth: 4 }),
    fc.tuple(fc.json(), fc.nat(), text).map(([json, at, piece]) => json.slice(0, at % (json.length + 1)) + piece),
  ); // prettier-ignore
  const type = fc.constantFrom(
    'application/json',
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/octet-stream',
    'x/y',
  );
  // An access token opens inference, an identity token nearly everything else; now and then the other is shown.
  const keys = fc.constantFrom<FuzzRequest['as'][]>(
    ['token', 'admin'],
    ['token', 'admin'],
    ['token', 'identity'],
    ['identity', 'token'],
    ['admin', 'identity'],
  );
  return fc
    .tuple(fc.constantFrom(...targets), fc.array(text, { minLength: 2, maxLength: 2 }), fields, body, type, keys)
    .map(([{ method, path }, parameters, query, sent, contentType, [forInference = 'token', forOthers = 'admin']]) => ({
      method,
      path: `${filled(path, parameters)}${queryOf(query)}`,
      as: inference.includes(path) ? forInference : forOthers,
      headers: { 'content-type': contentType, accept: contentType === 'text/plain' ? 'text/csv' : '*/*' },
      ...(method === 'GET' || method === 'HEAD' ? {} : { body: sent }),
    }));
}

function filled(path: string, parameters: readonly string[]): string {
  const rest = [...parameters];
  return path.replace(/:\w+/g, () => encoded(rest.shift() ?? '') || '-');
}

function queryOf(fields: Record<string, unknown>): string {
  const pairs = Object.entries(fields).map(
    ([name, value]) => `${encoded(name)}=${encoded(typeof value === 'string' ? value : JSON.stringify(value))}`,
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function encoded(value: string): string {
  return encodeURIComponent(value.toWellFormed()).replaceAll('.', '%2E');
}
