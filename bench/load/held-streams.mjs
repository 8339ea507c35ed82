// @ts-check
import { Connection } from './connection.mjs';
import { requireOk } from './expectation.mjs';

/** More at once would overflow the queue of connections that wait to be accepted (511 in Node). */
const OPENED_AT_ONCE = 100;

/**
 * @typedef {object} HeldStreams
 * @property {number} port
 * @property {string} request
 * @property {number} streams
 */

/** @type {Set<Connection>} */
const held = new Set();

/**
 * Opens streams, waits until each has its first event, and keeps them open until they are let go.
 * @param {HeldStreams} load
 */
export async function holdStreams({ port, request, streams }) {
  const bytes = Buffer.from(request);
  for (let opened = 0; opened < streams; opened += OPENED_AT_ONCE) {
    const batch = Math.min(OPENED_AT_ONCE, streams - opened);
    await Promise.all(Array.from({ length: batch }, () => holdStream(port, bytes)));
  }
}

/** Goes away in the middle of all answers, as clients do. */
export function dropStreams() {
  for (const connection of held) connection.close();
  held.clear();
}

/**
 * @param {number} port
 * @param {Buffer} request
 * @returns {Promise<void>}
 */
function holdStream(port, request) {
  return new Promise((resolve, reject) => {
    const connection = new Connection(port, reject);
    held.add(connection);
    connection.send(request, {
      head: requireOk,
      body: (bytes) => (bytes.includes('data: {"') ? resolve() : reject(new Error(bytes.toString()))),
      end: () => reject(new Error('a stream that was to stay open has ended')),
    });
  });
}
