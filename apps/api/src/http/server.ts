import { readFileSync } from 'node:fs';
import http, { type RequestListener, type Server } from 'node:http';
import https from 'node:https';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ErrorCode } from '@maas/contracts/errors';
import type { Config } from '../config.js';
import { ApiError } from './api-error.js';

const limits = {
  // Load balancers keep idle connections for a minute; ours live longer, so that they never send into a closed one.
  keepAliveTimeout: 75_000,
  headersTimeout: 20_000,
  /** The whole of a request must have come by then. */
  requestTimeout: 120_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 32_768,
};

/** Makes the HTTP server, or the HTTPS server where a certificate is given. */
export function createServer(config: Config, listener: RequestListener): Server {
  const { TLS_CERT_FILE: cert, TLS_KEY_FILE: key } = config;
  const server =
    cert && key
      ? https.createServer(
          { ...limits, cert: readFileSync(cert), key: readFileSync(key), minVersion: 'TLSv1.2' },
          listener,
        )
      : http.createServer(limits, listener);
  server.on('clientError', answerUnreadable);
  return server;
}

/** What cannot even be read as HTTP is answered in our own error shape, and the connection ends. */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, message, code] = unreadable(error.code);
  const body = JSON.stringify(new ApiError(code, { message }).toBody());
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/json; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

function unreadable(code: string | undefined): [status: number, message: string, code: ErrorCode] {
  if (code === 'HPE_HEADER_OVERFLOW') return [431, 'The request headers are too large', 'invalid_request'];
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return [408, 'The request took too long to arrive', 'invalid_request'];
  return [400, 'The request is not valid HTTP', 'invalid_request'];
}
