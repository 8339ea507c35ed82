import type { EndedRequest } from '../proxy/gateway.service.js';

/**
 * What the log says of an inference request. Of what a client wrote, only the endpoint and a model that there is are in it: no
 * prompt, no answer, no query, no credential. Fields that are not known are left out.
 */
export function inferenceLine({ id, method, endpoint, client, error, status, duration }: EndedRequest): object {
  const { row, decision } = client ?? {};
  return {
    plane: 'data',
    id,
    method,
    endpoint,
    model: row?.modelId ?? client?.modelId,
    tier: row?.tier ?? client?.tier.name,
    user: client?.person.id,
    status: row?.status ?? status,
    error: error?.code,
    limit: decision && !decision.admitted ? decision.limit : undefined,
    backend: row?.backendId ?? undefined,
    streamed: row?.streamed,
    promptTokens: row?.promptTokens,
    completionTokens: row?.completionTokens,
    firstByteMs: row?.firstByteMs ?? undefined,
    durationMs: row?.durationMs ?? Math.round(duration),
  };
}
