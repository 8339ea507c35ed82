import { type MaasProcess, chat } from './process-maas.js';

/** An answer that its client has to the last byte. */
export interface Received {
  /** The id of the request and of its row. */
  readonly id: string;
  readonly status: number;
  readonly streamed: boolean;
  /** As many as were asked for. */
  readonly tokens: number;
}

/** Clients that ask one thing after the other, three in ten of them for a stream, and remember what they got. */
export class Traffic {
  readonly received: Received[] = [];
  /** Answers that broke off, and requests that were not answered. */
  broken = 0;
  private running = true;
  private readonly clients: Promise<void>[];
  private asked = 0;

  /** @param process where to send the next request */
  constructor(
    private readonly process: () => MaasProcess,
    private readonly token: string,
    clients = 8,
  ) {
    this.clients = Array.from({ length: clients }, () => this.run());
  }

  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.clients);
  }

  private async run(): Promise<void> {
    while (this.running) {
      this.asked += 1;
      try {
        this.received.push(await this.ask(this.asked % 10 < 3, 1 + (this.asked % 9)));
      } catch {
        this.broken += 1;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  }

  private async ask(streamed: boolean, tokens: number): Promise<Received> {
    const response = await fetch(`${this.process().url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(chat({ stream: streamed, simulator: { tokens, ttft_ms: 2, token_ms: 1 } })),
    });
    const text = await response.text();
    const id = response.headers.get('x-request-id') ?? '';
    if (streamed && response.ok && !text.endsWith('data: [DONE]\n\n')) throw new Error('the stream broke off');
    return { id, status: response.status, streamed, tokens };
  }
}
