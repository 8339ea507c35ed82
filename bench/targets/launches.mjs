// @ts-check
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../processes/free-port.mjs';
import { ManagedProcess } from '../processes/managed-process.mjs';

const root = new URL('../../', import.meta.url);
const peerMain = new URL('bench/node_modules/@portkey-ai/gateway/build/start-server.js', root);

/** Connections to one backend, of the gateway and of the bare proxy alike. */
const MOST_CONNECTIONS = 8192;
const connections = { UPSTREAM_CONNECTIONS: String(MOST_CONNECTIONS) };

/**
 * @param {number} tokenMs milliseconds between two tokens; 0: as fast as it can
 * @returns {Promise<ManagedProcess>}
 */
export function startSimulator(tokenMs) {
  return ManagedProcess.start({
    name: 'the simulator',
    module: pathOf('apps/simulator/dist/main.js'),
    env: {
      SIMULATOR_PORT: '0',
      SIMULATOR_TTFT_MS: '0',
      SIMULATOR_TOKEN_MS: String(tokenMs),
      SIMULATOR_JITTER: '0',
    },
    ready: async (process) => Number(new URL((await listening(process)).url).port),
  });
}

/** @returns {Promise<ManagedProcess>} */
export function startGenerator() {
  return ManagedProcess.start({
    name: 'the load generator',
    module: pathOf('bench/load/main.mjs'),
    ready: async (process) => (await listening(process), 0),
  });
}

/** @param {number} backendPort */
export function startBareProxy(backendPort) {
  return ManagedProcess.start({
    name: 'the bare proxy',
    module: pathOf('bench/bare-proxy.mjs'),
    env: { BACKEND: `http://127.0.0.1:${backendPort}`, ...connections },
    ready: async (process) => (await listening(process)).port,
  });
}

/**
 * Our gateway as `npm start` runs it, with its embedded database.
 * @param {number} backendPort
 * @param {string} dataDir
 * @param {string} adminPassword
 * @param {Record<string, string>} [settings] besides
 */
export function startGateway(backendPort, dataDir, adminPassword, settings) {
  return ManagedProcess.start({
    name: 'our gateway',
    module: pathOf('apps/api/dist/main.js'),
    nodeArgs: ['--max-semi-space-size=8', '--no-memory-reducer'],
    env: {
      HOST: '127.0.0.1',
      PORT: '0',
      MAAS_DATA_DIR: dataDir,
      MAAS_DEMO_PASSWORD: adminPassword,
      SIMULATOR_URL: `http://127.0.0.1:${backendPort}/v1`,
      DRAIN_TIMEOUT: '1s',
      ...connections,
      ...settings,
    },
    ready: (process) => announcedPort(process, /ready on http:\/\/[^:\s]+:(\d+)/),
  });
}

/** Whether the peer is installed. */
export const hasPortkey = () => existsSync(peerMain);

export async function startPortkey() {
  const port = await freePort();
  return ManagedProcess.start({
    name: 'Portkey',
    module: fileURLToPath(peerMain),
    args: [`--port=${port}`, '--headless'],
    nodeArgs: ['--import', new URL('../processes/listen-locally.mjs', import.meta.url).href],
    // In production it does not keep the log that its web page shows.
    env: { NODE_ENV: 'production' },
    ready: () => accepting(port),
  });
}

/** @param {ManagedProcess} process */
async function listening({ child }) {
  for (;;) {
    const [message] = await once(child, 'message');
    if (message.event === 'listening') return message;
  }
}

/**
 * @param {ManagedProcess} process
 * @param {RegExp} announcement
 */
async function announcedPort(process, announcement) {
  for (;;) {
    const found = announcement.exec(process.output);
    if (found) return Number(found[1]);
    await delay(20);
  }
}

/** @param {number} port */
async function accepting(port) {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const open = await once(socket, 'connect').then(() => true).catch(() => false); // prettier-ignore
    socket.destroy();
    if (open) return port;
    await delay(20);
  }
}

/** @param {string} path */
function pathOf(path) {
  return fileURLToPath(new URL(path, root));
}
