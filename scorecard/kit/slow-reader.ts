import { connect, type Socket } from 'node:net';
import { rawRequest } from '../../apps/api/test/raw-request.js';

/** A client of a stream that takes a little of it now and then, and begins anew when it is cut off. */
export class SlowReader {
  private socket: Socket;
  private readonly timer: NodeJS.Timeout;
  private over = false;
  /** Times that it was cut off, or that a stream ended. */
  ended = 0;
  bytes = 0;

  constructor(
    private readonly url: string,
    private readonly request: string,
    everyMilliseconds: number,
    bytesEach: number,
  ) {
    this.socket = this.open();
    this.timer = setInterval(() => {
      this.bytes += (this.socket.read(Math.min(bytesEach, this.socket.readableLength)) as Buffer | null)?.length ?? 0;
    }, everyMilliseconds);
  }

  static request(token: string, body: object): string {
    const lines = ['content-type: application/json'];
    return rawRequest({ path: '/v1/chat/completions', token, body: JSON.stringify(body), lines });
  }

  close(): void {
    this.over = true;
    clearInterval(this.timer);
    this.socket.destroy();
  }

  private open(): Socket {
    const { hostname, port } = new URL(this.url);
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on('error', () => undefined);
    // Reading at all has to be asked for: otherwise nothing is taken from the system.
    socket.on('readable', () => undefined);
    socket.once('close', () => {
      this.ended += 1;
      if (!this.over) this.socket = this.open();
    });
    socket.once('connect', () => socket.write(this.request));
    return socket;
  }
}
