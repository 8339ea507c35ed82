import { Socket } from 'node:net';

/**
 * Makes the sockets of every connection to the database. Closed, it cuts those that there are and refuses new ones at once:
 * whoever asks the database while it is away is told so without waiting, and nobody waits for an answer of a server that
 * stands still.
 */
export class ConnectionGate {
  private readonly sockets = new Set<Socket>();
  private closed = false;

  readonly openSocket = (): Socket => {
    if (this.closed) return new RefusedSocket();
    const socket = new Socket();
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    return socket;
  };

  open(): void {
    this.closed = false;
  }

  close(): void {
    this.closed = true;
    this.cut();
  }

  /** Cuts the connections that there are: whoever waits on one is told so, and whoever needs one makes it anew. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy(failure('ECONNRESET', 'read', 104));
  }
}

/** Fails as one does whose server is gone. */
class RefusedSocket extends Socket {
  override connect(): this {
    this.destroy(failure('ECONNREFUSED', 'connect', 111));
    return this;
  }
}

/** With all that an error of Node's own has: the driver adapter tells them by it. */
function failure(code: string, syscall: string, errno: number): Error {
  return Object.assign(new Error(`${syscall} ${code}: the database does not answer`), { code, syscall, errno: -errno });
}
