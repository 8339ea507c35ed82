import { Agent, request } from 'node:http';
import { chat, type MaasProcess } from '../../apps/api/test/process-maas.js';

/** An answer that a client has to the last byte. */
export interface Answered {
  /** The id of the request and of its row. */
  readonly id: string;
  readonly status: number;
  readonly milliseconds: number;
}

/** Requests at a steady rate, three in ten of them for a stream, whether or not earlier ones are answered. */
export class SteadyLoad {
  readonly answered: Answered[] = [];
  /** Answers that broke off, and requests that nobody took. */
  readonly broken: string[] = [];
  private readonly timer: NodeJS.Timeout;
  private readonly underWay = new Map<MaasProcess, number>();
  private asked = 0;
  /** Its own, so that no connection outlives the load. */
  private readonly agent = new Agent({ keepAlive: true });

  /** @param targets who takes requests now, in turn; read anew for each request */
  constructor(
    private readonly targets: () => readonly MaasProcess[],
    private readonly token: string,
    requestsPerSecond: number,
  ) {
    const began = performance.now();
    // A timer that is late sends what was due meanwhile.
    this.timer = setInterval(() => {
      const due = ((performance.now() - began) / 1000) * requestsPerSecond;
      while (this.asked < due) this.send();
    }, 5);
  }

  /** Resolves when nothing that was sent to a process is unanswered. */
  async idle(process: MaasProcess): Promise<void> {
    while ((this.underWay.get(process) ?? 0) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  /** Sends nothing more, and resolves when everything is answered. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    for (const process of this.underWay.keys()) await this.idle(process);
    this.agent.destroy();
  }

  private send(): void {
    const targets = this.targets();
    const target = targets[(this.asked += 1) % targets.length];
    if (!target) throw new Error('nobody takes requests');
    this.underWay.set(target, (this.underWay.get(target) ?? 0) + 1);
    this.ask(target, this.asked % 10 < 3, 1 + (this.asked % 9))
      .then((answered) => this.answered.push(answered))
      .catch((error: unknown) => this.broken.push(String(error)))
      .finally(() => this.underWay.set(target, (this.underWay.get(target) ?? 0) - 1));
  }

  private async ask(target: MaasProcess, stream: boolean, tokens: number): Promise<Answered> {
    const began = performance.now();
    const body = JSON.stringify(chat({ stream, simulator: { tokens, ttft_ms: 2, token_ms: 1 } }));
    const { id, status, text } = await this.post(target, body);
    if (stream && status === 200 && !text.endsWith('data: [DONE]\n\n')) throw new Error('the stream broke off');
    return { id, status, milliseconds: performance.now() - began };
  }

  private post(target: MaasProcess, body: string): Promise<{ id: string; status: number; text: string }> {
    const headers = { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' };
    return new Promise((resolve, reject) => {
      const sent = request(`${target.url}/v1/chat/completions`, { method: 'POST', agent: this.agent, headers });
      sent.once('error', reject);
      sent.once('response', (message) => {
        let text = '';
        message.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        message.once('error', reject);
        message.once('end', () => {
          const id = String(message.headers['x-request-id']);
          resolve({ id, status: message.statusCode ?? 0, text });
        });
      });
      sent.end(body);
    });
  }
}
