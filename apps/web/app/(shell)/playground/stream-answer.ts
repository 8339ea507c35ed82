import { ApiError, toApiError } from '@/lib/api-error';
import { EventStream } from '@/lib/event-stream';
import { type AnswerFrame, readFrame } from './answer-frame';
import { type RateStanding, readStanding } from './rate-standing';

export interface ChatParameters {
  system?: string;
  temperature?: number;
  topP?: number;
  maxTokens?: number;
  stop?: readonly string[];
}

interface AnswerRequest {
  secret: string;
  model: string;
  messages: readonly { role: string; content: string }[];
  parameters: ChatParameters;
  signal: AbortSignal;
  /** How the limits stand; of a refusal too. */
  onStanding: (standing: RateStanding) => void;
  /** The answer begins: by what name it is metered. */
  onAnswer: (requestId: string) => void;
  onPiece: (piece: Extract<AnswerFrame, { kind: 'piece' }>) => void;
}

/**
 * Asks a model and passes on its answer while it comes.
 * @throws ApiError when it was refused or broke off; an AbortError when `signal` ended it
 */
export async function streamAnswer(request: AnswerRequest): Promise<void> {
  const response = await send(request);
  const standing = readStanding(response.headers);
  if (standing) request.onStanding(standing);
  if (!response.ok) throw await toApiError(response);
  const requestId = response.headers.get('x-request-id') ?? undefined;
  if (requestId !== undefined) request.onAnswer(requestId);
  const brokenOff = (message: string, code: string) =>
    new ApiError(message, { status: response.status, code, ...(requestId !== undefined && { requestId }) });
  for await (const data of eventsOf(response, request.signal)) {
    const frame = readFrame(data);
    if (frame?.kind === 'done') return;
    if (frame?.kind === 'error') throw brokenOff(frame.message || 'The model backend failed', frame.code);
    if (frame) request.onPiece(frame);
  }
  throw brokenOff('The answer broke off before its end. Ask again.', 'network');
}

async function send({ secret, model, messages, parameters, signal }: AnswerRequest): Promise<Response> {
  const { system, temperature, topP, maxTokens, stop } = parameters;
  const body = {
    model,
    messages: [...(system === undefined ? [] : [{ role: 'system', content: system }]), ...messages],
    temperature,
    top_p: topP,
    max_tokens: maxTokens,
    stop,
    stream: true,
    // For the line below the answer; a client without such a line does not need it.
    stream_options: { include_usage: true },
  };
  try {
    return await fetch('/v1/chat/completions', {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      // The token says who asks; the session of the browser is not for inference.
      credentials: 'omit',
      cache: 'no-store',
      signal,
    });
  } catch (error) {
    throw signal.aborted ? error : unreachable();
  }
}

async function* eventsOf(response: Response, signal: AbortSignal): AsyncGenerator<string> {
  const events = new EventStream();
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw signal.aborted ? error : unreachable();
      });
      if (done) return;
      yield* events.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    void reader.cancel().catch(() => {});
  }
}

function unreachable(): ApiError {
  return new ApiError('The server cannot be reached. Check your connection and try again.', {
    status: 0,
    code: 'network',
  });
}
