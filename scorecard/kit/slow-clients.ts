import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What `slow-process.mjs` says of itself once a second. */
interface SlowState {
  /** Streams under way at the backend. */
  readonly open: number;
  /** Bytes that were taken off the backend's hands within the last second. */
  readonly givenLately: number;
  /** Bytes that the clients have read. */
  readonly taken: number;
  /** Times that a client was cut off. */
  readonly cut: number;
}

/** Bytes that each client reads in a second. */
export const BYTES_A_SECOND = 4096;

/** A backend whose streams never end, and clients that read them slowly: in a process of their own. */
export class SlowClients {
  state: SlowState = { open: 0, givenLately: Number.POSITIVE_INFINITY, taken: 0, cut: 0 };

  private constructor(
    private readonly process: ChildProcess,
    /** What to register as a backend's `url`. */
    readonly url: string,
  ) {
    process.on('message', ({ state }: { state: SlowState }) => (this.state = state));
  }

  static async start(): Promise<SlowClients> {
    const child = fork(fileURLToPath(new URL('slow-process.mjs', import.meta.url)));
    const [{ address }] = (await once(child, 'message')) as [{ address: { port: number } }];
    return new SlowClients(child, `http://127.0.0.1:${address.port}/v1`);
  }

  /** @param request as it is written on the wire */
  read(count: number, url: string, request: string): void {
    this.process.send({ count, port: Number(new URL(url).port), request, bytes: BYTES_A_SECOND });
  }

  /** All clients go. */
  stopReading(): void {
    this.process.send('stop');
  }

  async close(): Promise<void> {
    if (this.process.exitCode !== null) return;
    this.process.kill('SIGKILL');
    await once(this.process, 'exit');
  }
}
