import type { ModelList } from '@maas/contracts/models';
import { chat } from './process-maas.js';

/** What became of one request, as its client knows. */
export interface Outcome {
  readonly step: 'list' | 'chat' | 'stream';
  /** Zero: the connection broke, or the answer did. */
  readonly status: number;
  /** The id of the request and of its row. */
  readonly id: string;
  /** What was answered, where that is no success. */
  readonly problem: string;
}

/** People who do as the user guide says, over and over: list the models, take the URL of the first, ask it, and for a stream. */
export class GuideTraffic {
  readonly outcomes: Outcome[] = [];
  private running = true;
  private readonly people: Promise<void>[];

  /** @param origin of the platform */
  constructor(
    private readonly origin: string,
    private readonly token: string,
    readonly count: number,
  ) {
    this.people = Array.from({ length: count }, () => this.run());
  }

  /** Answers that their clients have to the last byte. */
  get answered(): Outcome[] {
    return this.outcomes.filter(({ status }) => status === 200);
  }

  get failed(): Outcome[] {
    return this.outcomes.filter(({ status }) => status !== 200);
  }

  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.people);
  }

  private async run(): Promise<void> {
    while (this.running) {
      const text = await this.ask('list', `${this.origin}/v1/models`);
      if (text === undefined) continue;
      const url = (JSON.parse(text) as ModelList).data[0]?.url ?? '';
      await this.ask('chat', url, chat({ simulator: { tokens: 5, ttft_ms: 2, token_ms: 1 } }));
      await this.ask('stream', url, chat({ stream: true, simulator: { tokens: 10, ttft_ms: 2, token_ms: 10 } }));
    }
  }

  /** @returns the text of a good answer */
  private async ask(step: Outcome['step'], url: string, body?: object): Promise<string | undefined> {
    let id = '';
    try {
      const response = await fetch(url, {
        method: body ? 'POST' : 'GET',
        headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      id = response.headers.get('x-request-id') ?? '';
      const text = await response.text();
      if (response.ok && step === 'stream' && !text.endsWith('data: [DONE]\n\n')) throw new Error('it broke off');
      this.outcomes.push({ step, status: response.status, id, problem: response.ok ? '' : text });
      if (response.ok) return text;
    } catch (error) {
      this.outcomes.push({ step, status: 0, id, problem: String(error) });
    }
    // Whoever is refused does not ask again at once.
    await new Promise((resolve) => setTimeout(resolve, 20));
    return undefined;
  }
}
