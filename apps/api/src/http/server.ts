import { readFileSync } from 'node:fs';
import http, { type RequestListener, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { ErrorCode } from '@maas/contracts/errors';
import { type Config, ConfigError } from '../config.js';
import { ApiError } from './api-error.js';
import { linger, lingerAfter } from './lingering-close.js';
import { newRequestId } from './request-id.js';

const limits = {
  // Load balancers keep idle connections for a minute; ours live longer, so that they never send into a closed one.
  keepAliveTimeout: 75_000,
  maxHeaderSize: 32_768,
  /** Bytes that may wait for a client before its backend is held back; Node's own is 64 KiB. */
  highWaterMark: 4096,
  /** Node's own answer would have no body. */
  requireHostHeader: false,
};
/** How long a client may take to read our last words before the connection is cut, where nothing is read on. */
const LAST_WORDS_MILLISECONDS = 2000;
const LONGEST_CHECKING_INTERVAL = 5000;
const LOG_MILLISECONDS = 60_000;

/**
 * Makes the HTTP server, or the HTTPS server where a certificate is given.
 * @param warn writes a line into the log
 */
export function createServer(config: Config, listener: RequestListener, warn: (line: string) => void): Server {
  const { TLS_CERT_FILE: cert, TLS_KEY_FILE: key } = config;
  const answer = requireHost(listener);
  const options = { ...limits, ...waitsOf(config) };
  const server = cert && key ? createTlsServer(cert, key, options, answer) : http.createServer(options, answer);
  server.maxConnections = config.MAX_CONNECTIONS;
  server.on('drop', dropCounter(warn));
  server.timeout = config.CLIENT_STALL_TIMEOUT;
  server.on('timeout', endStalled);
  // Expectations other than 100-continue are passed over (RFC 9110 §10.1.1 allows it): Node's own 417 would have no body.
  server.on('checkExpectation', answer);
  return server;
}

function waitsOf({ CLIENT_HEADERS_TIMEOUT, CLIENT_REQUEST_TIMEOUT }: Config) {
  // Node wants the whole to have no less time than a part of it.
  const headersTimeout = Math.min(CLIENT_HEADERS_TIMEOUT, CLIENT_REQUEST_TIMEOUT);
  return {
    headersTimeout,
    requestTimeout: CLIENT_REQUEST_TIMEOUT,
    connectionsCheckingInterval: Math.min(LONGEST_CHECKING_INTERVAL, Math.ceil(headersTimeout / 4)),
  };
}

/**
 * Nothing passed on a connection for CLIENT_STALL_TIMEOUT, or for the keep-alive timeout once its answers are sent. Ended
 * unless somebody waits for an answer: of one that was written and is not taken, the sender would wait for ever. Node
 * takes every byte that the other side acknowledges for a sign of life.
 */
function endStalled(socket: Socket): void {
  if (socket.writableLength > 0 || !awaitsAnswer(socket)) socket.destroy();
}

/** Says, at most once a minute, that connections were refused. */
function dropCounter(warn: (line: string) => void): () => void {
  let dropped = 0;
  let loggedAt = -Infinity;
  return () => {
    dropped += 1;
    if (performance.now() - loggedAt < LOG_MILLISECONDS) return;
    warn(`Connections were closed as they came, because there are MAX_CONNECTIONS: ${dropped}`);
    [dropped, loggedAt] = [0, performance.now()];
  };
}

function createTlsServer(cert: string, key: string, options: typeof limits, listener: RequestListener): Server {
  try {
    const pem = { cert: readFileSync(cert), key: readFileSync(key) };
    return https.createServer({ ...options, ...pem, minVersion: 'TLSv1.2' }, listener);
  } catch (error) {
    throw new ConfigError(`TLS_CERT_FILE and TLS_KEY_FILE cannot be used: ${(error as Error).message}`);
  }
}

/** RFC 9112 §3.2: a request of HTTP/1.1 without a Host header is refused. */
function requireHost(listener: RequestListener): RequestListener {
  return (message, response) => {
    if (message.headers.host !== undefined || message.httpVersion === '1.0') return listener(message, response);
    const error = new ApiError('invalid_request', { message: 'The request has no Host header' });
    lingerAfter(response);
    response
      .writeHead(error.status, { ...closingHeaders, 'x-request-id': newRequestId() })
      .end(JSON.stringify(error.toBody()));
  };
}

const closingHeaders = { 'content-type': 'application/json; charset=utf-8', connection: 'close' };

/**
 * What cannot even be read as HTTP is answered in our own error shape, and the connection ends. Where the answer to an
 * earlier request is still under way nothing is said: it would be taken for that answer, or for a part of it.
 */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || owesAnotherAnswer(socket)) return void socket.destroy();
  const [status, message, code] = unreadable(error.code);
  const body = JSON.stringify(new ApiError(code, { message }).toBody());
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/json; charset=utf-8\r\n` +
      `x-request-id: ${newRequestId()}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
  // Whoever reads the body of a request learns by the end of the connection that no more of it comes.
  const isWaitedFor = awaitsAnswer(socket);
  if (status === 408 || isWaitedFor) socket.setTimeout(LAST_WORDS_MILLISECONDS, () => socket.destroy());
  else linger(socket);
}

/** Whether a request that came whole, before what cannot be read, still waits for its answer or for the rest of it. */
function owesAnotherAnswer(socket: Socket): boolean {
  const response = answerOn(socket);
  return response ? response.headersSent || response.req.complete : false;
}

function awaitsAnswer(socket: Socket): boolean {
  return answerOn(socket) !== undefined;
}

/** The answer that is under way on a connection. */
function answerOn(socket: Socket): ServerResponse | undefined {
  // Node's own handlers look at the same field; it has no public name.
  const { _httpMessage: response } = socket as Socket & { _httpMessage?: ServerResponse | null };
  return response ?? undefined;
}

function unreadable(code: string | undefined): [status: number, message: string, code: ErrorCode] {
  if (code === 'HPE_HEADER_OVERFLOW') return [431, 'The request headers are too large', 'invalid_request'];
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return [408, 'The request took too long to arrive', 'invalid_request'];
  return [400, 'The request is not valid HTTP', 'invalid_request'];
}
