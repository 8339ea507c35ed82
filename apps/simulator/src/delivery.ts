import { simulatedStatus } from './api-error.js';
import type { ClientLink } from './client-link.js';
import type { Controls, Fault } from './controls.js';
import { Schedule, type Pace } from './pace.js';
import { frame, newId, type Reply, type Step } from './reply.js';

/** Tokens before a fault in a stream, when the request does not say. */
const DEFAULT_AFTER = 3;
const GARBAGE_BODY = '<html>this is not JSON</html>';
const GARBAGE_FRAME = 'data: {"this is not JSON\n\n';
const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
};

/** Told how many tokens were produced, as they are. */
type OnTokens = (count: number) => void;

/**
 * Delivers an answer at a pace, with the fault that the request asked for, and stops as soon as the client is gone.
 * @throws ApiError when the fault is an error status
 */
export async function deliver(reply: Reply, link: ClientLink, pace: Pace, onTokens: OnTokens): Promise<void> {
  const fault = reply.controls.fault;
  if (fault === 'reset') return link.reset();
  if (fault === 'hang') return link.untilClosed();
  if (fault?.startsWith('status_')) throw simulatedStatus(Number(fault.slice('status_'.length)));
  const schedule = new Schedule(pace, reply.seed);
  await link.pause(schedule.firstToken());
  if (reply.steps) await stream(reply.steps(), reply, link, schedule, onTokens);
  else await whole(reply, link, schedule, onTokens);
}

/** Sends a complete body of JSON. */
export function sendJson(
  link: ClientLink,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  link.begin(status, jsonHeaders(body, headers));
  link.end(body);
}

function jsonHeaders(body: string, headers: Readonly<Record<string, string>> = {}): Record<string, string | number> {
  return {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-request-id': newId('req_'),
    ...headers,
  };
}

async function whole(reply: Reply, link: ClientLink, schedule: Schedule, onTokens: OnTokens): Promise<void> {
  const begun = performance.now();
  const wait = schedule.furtherTokens(Math.max(0, reply.rounds - 1));
  await link.pause(wait);
  if (link.closed) {
    // A model that is stopped half-way has produced what fits in the time it had.
    const share = wait > 0 ? Math.min(1, (performance.now() - begun) / wait) : 0;
    return onTokens(Math.floor(reply.completionTokens * share));
  }
  onTokens(reply.completionTokens);
  const fault = reply.controls.fault;
  if (fault === 'error_frame') throw simulatedStatus(500);
  const body = fault === 'garbage' ? GARBAGE_BODY : JSON.stringify(reply.body());
  if (fault !== 'cut' && fault !== 'stall') return sendJson(link, 200, body);
  link.begin(200, jsonHeaders(body));
  const half = body.slice(0, body.length / 2);
  if (fault === 'cut') return link.cut(half);
  await link.write(half);
  await link.untilClosed();
}

async function stream(
  steps: Iterable<Step>,
  reply: Reply,
  link: ClientLink,
  schedule: Schedule,
  onTokens: OnTokens,
): Promise<void> {
  link.begin(200, { ...STREAM_HEADERS, 'x-request-id': newId('req_') });
  let faultAt = tokensBeforeFault(reply);
  let produced = 0;
  let begun = false;
  for (const { frames, tokens } of steps) {
    const wait = tokens > 0 && produced > 0 ? schedule.nextToken() : 0;
    if (wait > 0) await link.pause(wait);
    if (link.closed) return;
    if (begun && produced >= faultAt) {
      if (await misbehave(reply.controls.fault, link)) return;
      faultAt = Infinity;
    }
    const drained = link.write(frames);
    produced += tokens;
    onTokens(tokens);
    begun = true;
    if (drained) await drained;
  }
  link.end();
}

/** Infinity for a stream that runs to its end. */
function tokensBeforeFault({ controls, completionTokens }: Pick<Reply, 'controls' | 'completionTokens'>): number {
  return isStreamFault(controls) ? Math.min(controls.after ?? DEFAULT_AFTER, completionTokens) : Infinity;
}

function isStreamFault({ fault }: Controls): boolean {
  return fault === 'cut' || fault === 'stall' || fault === 'garbage' || fault === 'error_frame';
}

/** Returns true when the stream is over. */
async function misbehave(fault: Fault | null | undefined, link: ClientLink): Promise<boolean> {
  if (fault === 'garbage') {
    await link.write(GARBAGE_FRAME);
    return false;
  }
  if (fault === 'cut') await link.cut();
  if (fault === 'stall') await link.untilClosed();
  if (fault === 'error_frame') link.end(frame(simulatedStatus(500)));
  return true;
}
