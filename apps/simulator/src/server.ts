import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ModelCatalogue } from './models.js';
import { AT_ONCE, type Pace } from './pace.js';
import { RequestLog, type SimulatorStats } from './request-log.js';
import { handle, type Service } from './routes.js';

/** Longer than the idle timeouts of common proxies, so that it is they who close idle connections. */
const KEEP_ALIVE_MS = 75_000;

export interface SimulatorOptions {
  /** The ids that are served. Without them every id is served, and `simulator` and `qwen3` are listed. */
  models?: readonly string[] | undefined;
  /** How fast requests are answered that do not say it themselves; at once by default. */
  pace?: Partial<Pace> | undefined;
  /** How many of the latest requests the statistics hold; 100 by default. */
  recordedRequests?: number | undefined;
}

/** An OpenAI-compatible server whose answers are invented. */
export interface Simulator {
  /** The base URL for clients, such as `http://127.0.0.1:8000/v1`; known once it listens. */
  readonly url: string;
  /** Begins to listen and returns the base URL. Port 0 takes any free port. */
  listen(port?: number, host?: string): Promise<string>;
  /** Stops listening, and breaks off what is still being answered after `graceMs` (0 by default). */
  close(graceMs?: number): Promise<void>;
  stats(): SimulatorStats;
}

function baseUrl({ address, family, port }: AddressInfo): string {
  // A wildcard address is no place to connect to.
  if (address === '0.0.0.0' || address === '::') return `http://127.0.0.1:${port}/v1`;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/v1`;
}

/** Creates a simulator that does not listen yet. */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const log = new RequestLog(options.recordedRequests ?? 100);
  const service: Service = {
    models: new ModelCatalogue(options.models),
    pace: { ...AT_ONCE, ...options.pace },
    log,
  };
  let closing = false;
  let url = '';
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    if (closing) response.setHeader('connection', 'close');
    response.once('close', () => closing && server.closeIdleConnections());
    void handle(request, response, service);
  });

  return {
    get url() {
      return url;
    },
    listen: (port = 0, host = '127.0.0.1') =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          resolve((url = baseUrl(server.address() as AddressInfo)));
        });
      }),
    close: async (graceMs = 0) => {
      closing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const deadline = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(deadline);
    },
    stats: () => log.stats(),
  };
}
