import type { ServerResponse } from 'node:http';
import { Socket } from 'node:net';

/** For how long, and how much, a connection is read on that has had its last answer. */
export interface LingerBounds {
  readonly bytes: number;
  /** Milliseconds without a byte. */
  readonly silence: number;
  /** Milliseconds in all. Looked at when bytes come, so a last silence may follow. */
  readonly whole: number;
}

/**
 * The times are nginx' (`lingering_timeout`, `lingering_time`): less than any connection may be idle, so nobody gains a
 * place by it. The bytes are eight of the largest requests as installed; a drop costs as much as the network it came by.
 */
const usual: LingerBounds = { bytes: 256 * 1024 * 1024, silence: 5000, whole: 30_000 };

/**
 * Where an answer comes before the whole of its request and ends the connection, has that end gently. There are clients,
 * such as Python's, that read nothing before they have written everything. Node would close the connection with bytes
 * unread; the kernel then sends a reset, which breaks their writing and may take the answer from them.
 */
export function lingerAfter(response: ServerResponse, bounds = usual): void {
  const { req: message } = response;
  if (message.complete) return;
  const { socket } = message;
  const destroySoon = () => {
    // The last was an earlier one: whoever works for this one has to learn that nobody waits any more.
    const isOurs = response.writableEnded;
    if (message.complete || !isOurs) return Socket.prototype.destroySoon.call(socket);
    // What the parser still has of the body would wait for a reader, and stop the reading of the connection.
    message.resume();
    linger(socket, bounds);
  };
  // What Node calls when the last answer of a connection is written.
  socket.destroySoon = destroySoon;
}

/** Of all such connections of the process together: a few hundredths of a core. */
const BYTES_A_MILLISECOND = 65_536;
/** Until when, by `performance.now()`, the bytes that have come are enough. */
let enoughUntil = 0;

/**
 * RFC 9112 §9.6: says at once that nothing more will be sent, and drops what comes until the client closes too, within
 * bounds. It is not parsed, so that it cannot be taken for a request.
 */
export function linger(socket: Socket, { bytes, silence, whole }: LingerBounds = usual): void {
  const end = performance.now() + whole;
  let left = bytes;
  const drop = ({ length }: Buffer) => {
    const now = performance.now();
    left -= length;
    if (left < 0 || now > end) return void socket.destroy();
    enoughUntil = Math.max(now, enoughUntil) + length / BYTES_A_MILLISECOND;
    restFor(socket, enoughUntil - now);
  };
  socket.end();
  socket.setTimeout(silence, () => socket.destroy());
  // Node's parser reads beneath the stream: it begins again when that resumes, and lets go when somebody else listens.
  socket.once('resume', () => socket.removeAllListeners('data').on('data', drop));
  socket.pause().resume();
}

/** Reads nothing for some milliseconds. A stream that is paused would read one piece ahead, and keep it. */
function restFor(socket: Socket, milliseconds: number): void {
  // Node's own HTTP server stops reading by the same methods; they have no public name.
  const handleOf = () => (socket as Socket & { _handle?: { readStop(): void; readStart(): void } | null })._handle;
  handleOf()?.readStop();
  setTimeout(() => handleOf()?.readStart(), milliseconds).unref();
}
