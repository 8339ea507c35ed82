// @ts-check

/** @typedef {'direct' | 'bare' | 'gateway' | 'portkey'} TargetName */

/**
 * Something that answers chat completions, and the process that does.
 * @typedef {object} Target
 * @property {TargetName} name
 * @property {import('../processes/managed-process.mjs').ManagedProcess} process
 * @property {Record<string, string>} headers besides those that every request has
 */

/** @type {Record<TargetName, string>} */
export const labels = {
  direct: 'simulator (direct)',
  bare: 'bare proxy',
  gateway: 'our gateway',
  portkey: 'Portkey 1.15.2',
};

/**
 * A request as it goes over the wire.
 * @param {Target} target
 * @param {object} body
 * @param {string} accessToken sent to every target, so that all requests are of one size
 */
export function wireRequest({ process, headers }, body, accessToken) {
  const json = JSON.stringify(body);
  const lines = {
    host: `127.0.0.1:${process.port}`,
    accept: 'application/json',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(json)),
    authorization: `Bearer ${accessToken}`,
    ...headers,
  };
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST /v1/chat/completions HTTP/1.1\r\n${head.join('')}\r\n${json}`;
}
