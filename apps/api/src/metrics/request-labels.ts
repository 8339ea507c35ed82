import { errorCatalogue } from '@maas/contracts/errors';

/** The OpenAI paths that are told apart, and Anthropic's messages: a client can write any other one. */
const endpoints: ReadonlySet<string> = new Set([
  'chat/completions', 'completions', 'responses', 'messages', 'messages/count_tokens', 'embeddings', 'moderations', 'rerank',
  'score', 'tokenize', 'detokenize', 'audio/speech', 'audio/transcriptions', 'audio/translations', 'images/generations',
  'images/edits', 'images/variations',
]); // prettier-ignore
const codes: ReadonlySet<number> = new Set([
  200,
  201,
  202,
  204,
  ...Object.values(errorCatalogue).map(({ status }) => status),
]);

/** The name of an endpoint in a metric: of a fixed set, so that no client can make series. */
export function endpointLabel(endpoint: string | undefined): string {
  return endpoint !== undefined && endpoints.has(endpoint) ? endpoint : 'other';
}

/** A status in a metric: those that we answer with ourselves, and of others, which a backend may invent, the class. */
export function codeLabel(status: number): string {
  return codes.has(status) ? String(status) : `${Math.floor(status / 100)}xx`;
}

/** A kind of trouble with a backend, such as `connect` or `status_500`. */
export function troubleLabel(kind: string): string {
  const [, status] = /^status (\d+)$/.exec(kind) ?? [];
  return status === undefined ? kind : `status_${codeLabel(Number(status))}`;
}
