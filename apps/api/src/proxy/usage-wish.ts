import type { IncomingHttpHeaders } from 'node:http';
import type { Flow, Receiver } from './upstream.service.js';

/** A refusal of more bytes is passed on without a look at what it says. */
const LARGEST_REFUSAL = 64 * 1024;

interface Refusal {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly flow: Flow;
  readonly chunks: Buffer[];
  size: number;
}

/**
 * Stands between a backend and the receiver of its answer where the gateway, and not the client, asked for the usage of a
 * stream: servers that do not know `stream_options` refuse the whole request. A refusal is held until it is known whether
 * that is why; everything else passes at once.
 */
export class UsageWish implements Receiver {
  private refusal: Refusal | undefined;

  /** @param onRefused called in the place of all else, when only the wish was refused: nothing was executed */
  constructor(
    private readonly receiver: Receiver,
    private readonly onRefused: () => void,
  ) {}

  started(status: number, headers: IncomingHttpHeaders, flow: Flow): void {
    if (status === 400 || status === 422) this.refusal = { status, headers, flow, chunks: [], size: 0 };
    else this.receiver.started(status, headers, flow);
  }

  data(chunk: Buffer): void {
    const { refusal } = this;
    if (!refusal) return this.receiver.data(chunk);
    refusal.chunks.push(chunk);
    refusal.size += chunk.length;
    if (refusal.size > LARGEST_REFUSAL) this.passOn();
  }

  ended(): void {
    if (this.refusal && namesTheWish(this.refusal)) return this.onRefused();
    this.passOn();
    this.receiver.ended();
  }

  failed(error: Error, wasSent: boolean): void {
    this.passOn();
    this.receiver.failed(error, wasSent);
  }

  private passOn(): void {
    const { refusal } = this;
    if (!refusal) return;
    this.refusal = undefined;
    this.receiver.started(refusal.status, refusal.headers, refusal.flow);
    for (const chunk of refusal.chunks) this.receiver.data(chunk);
  }
}

/** Every server names the field that it does not know: in OpenAI's `param`, in FastAPI's `loc`, in Go's message. */
function namesTheWish({ chunks }: Refusal): boolean {
  return /stream_options|include_usage/.test(Buffer.concat(chunks).toString('latin1'));
}
