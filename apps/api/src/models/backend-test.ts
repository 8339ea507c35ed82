import type { BackendTest } from '@maas/contracts/backends';

const MODELS_SHOWN = 100;
const LONGEST_ID = 256;

/** What came of asking a backend for its models. */
export type Asked = { readonly status: number; readonly body: string } | { readonly failure: Error };

const refused = new Set(['ECONNREFUSED']);
const unresolved = new Set(['ENOTFOUND', 'EAI_AGAIN']);
const unreachable = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL']);
const late = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);

/**
 * Says what is known of a backend after it was asked. Of what it said nothing is repeated but ids of models.
 * @param wanted the name by which it would be asked for the model; null: not known
 */
export function judge(asked: Asked, wanted: string | null): Omit<BackendTest, 'object' | 'latencyMs'> {
  if ('failure' in asked) return failed(null, failureSentence(asked.failure));
  const { status, body } = asked;
  if (status < 200 || status >= 300) return failed(status, statusSentence(status));
  const ids = modelIds(body);
  if (!ids) return failed(status, 'It answers, but not with a list of models: is this an OpenAI-compatible server?');
  return {
    ok: true,
    status,
    models: ids.filter(isPrintable).slice(0, MODELS_SHOWN),
    listsModel: wanted === null ? null : ids.includes(wanted),
  };
}

function failed(status: number | null, error: string): Omit<BackendTest, 'object' | 'latencyMs'> {
  return { ok: false, status, models: [], listsModel: null, error };
}

/** The ids of OpenAI's `{"data":[{"id":…}]}`; undefined when it is something else. */
function modelIds(body: string): string[] | undefined {
  try {
    const { data } = JSON.parse(body) as { data?: unknown };
    if (!Array.isArray(data)) return undefined;
    const ids = data.map((model: unknown) => (model as { id?: unknown } | null)?.id);
    return ids.filter((id) => typeof id === 'string');
  } catch {
    return undefined;
  }
}

function isPrintable(id: string): boolean {
  return id.length <= LONGEST_ID && /^[^\p{Cc}\p{Cf}\p{Cs}]+$/u.test(id);
}

function statusSentence(status: number): string {
  if (status === 401 || status === 403) return `It refuses the credential (${status}); set the one that it asks for`;
  if (status === 404 || status === 405) {
    return `It has no list of models there (${status}); check the path of the URL, which usually ends in /v1`;
  }
  if (status >= 300 && status < 400) {
    return `It answers with a redirect (${status}), which is never followed; give the URL that it leads to`;
  }
  if (status >= 500) return `Somebody answers, but with an error of their own (${status})`;
  return `It answers with the status ${status} instead of a list of models`;
}

function failureSentence(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (refused.has(code)) return 'Nobody listens there: the connection was refused; check the host and the port';
  if (unresolved.has(code)) return 'The name of the host is not known here; check its spelling';
  if (unreachable.has(code)) return 'There is no way to that address from here; check the network and its policies';
  if (late.has(code) || error.name === 'TimeoutError' || error.name === 'AbortError') {
    return 'It did not answer in time; check that the server is up and that nothing between drops the packets';
  }
  if (code === 'MAAS_ADDRESS_REFUSED') {
    return 'Its address is link-local, multicast or of a metadata service, which no backend may have; see UPSTREAM_ALLOWED_NETWORKS';
  }
  if (code === 'MAAS_SEALED') {
    return 'Its credential cannot be opened with the ENCRYPTION_KEY that this process has: enter the credential again, or give it the key';
  }
  if (code === 'MAAS_TOO_LARGE') return 'Its answer is too large to be a list of models';
  if (/TLS|SSL|CERT|VERIFY|ALTNAME/.test(code)) return `Its TLS certificate or protocol is not accepted (${code})`;
  return 'The connection broke off before the answer was whole; is this an HTTP server, and the right scheme?';
}
