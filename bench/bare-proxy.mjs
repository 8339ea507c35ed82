// @ts-check
// The bar: the least that a proxy on node:http and undici can do and still be one. It keeps connections alive on both
// sides, streams with backpressure and ends the exchange when the client leaves; it knows no user, no limit and no usage.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

/** The very undici that the gateway uses. */
const fromGateway = createRequire(new URL('../apps/api/package.json', import.meta.url));
const { Pool } = /** @type {typeof import('undici')} */ (fromGateway('undici'));

// As the gateway's pools (apps/api/src/proxy/upstream.service.ts) and server (apps/api/src/http/server.ts).
const pool = new Pool(process.env['BACKEND'] ?? '', {
  connections: Number(process.env['UPSTREAM_CONNECTIONS'] ?? 1024),
  pipelining: 1,
  connect: { timeout: 5000 },
  keepAliveTimeout: 30_000,
});
const timeouts = { headersTimeout: 120_000, bodyTimeout: 60_000 };

/** RFC 9110, section 7.6.1; `host` and the length belong to each connection's own message. */
const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding', 'te', 'trailer', 'upgrade', 'host']);

const server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
  /** @type {Buffer[]} */
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.once('end', () => forward(request, chunks, response));
});

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {Buffer[]} chunks
 * @param {import('node:http').ServerResponse} response
 */
function forward({ method = 'GET', url = '/', headers }, chunks, response) {
  /** @type {import('undici').Dispatcher.DispatchController | undefined} */
  let controller;
  const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
  pool.dispatch(
    {
      method,
      path: url,
      headers: endToEnd(headers),
      body: body ?? null,
      ...timeouts,
    },
    {
      onRequestStart: (given) => (controller = given),
      onResponseStart: (_, status, answered) => response.writeHead(status, endToEnd(answered)),
      onResponseData(given, chunk) {
        if (response.write(chunk)) return;
        given.pause();
        response.once('drain', () => given.resume());
      },
      onResponseEnd: () => response.end(),
      onResponseError() {
        if (response.headersSent) response.destroy();
        else response.writeHead(502).end();
      },
    },
  );
  response.once('close', () => {
    if (!response.writableFinished) controller?.abort(new Error('the client went away'));
  });
}

/** @param {import('node:http').IncomingHttpHeaders} headers */
function endToEnd(headers) {
  /** @type {Record<string, string | string[]>} */
  const kept = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && !hopByHop.has(name)) kept[name] = value;
  }
  return kept;
}

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ event: 'listening', port: typeof address === 'object' && address ? address.port : 0 });
});
