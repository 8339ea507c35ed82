// @ts-check
// Preloaded into a server that cannot be told an address: makes it listen on 127.0.0.1 instead of on every interface.
import { Server } from 'node:net';

const { listen } = Server.prototype;

Server.prototype.listen = /** @type {typeof listen} */ (
  function (/** @type {any} */ port, /** @type {any} */ host, /** @type {any[]} */ ...rest) {
    const local = typeof port === 'number' && typeof host !== 'string' ? '127.0.0.1' : host;
    const others = typeof host === 'function' ? [host, ...rest] : rest;
    // @ts-expect-error -- `this` is the server.
    return listen.call(this, port, local, ...others);
  }
);
