import cluster from 'node:cluster';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { version } from '../build-version.js';
import { CONFIG, type Config, ConfigError } from '../config.js';
import { Probes } from '../probes.service.js';
import { BackendMetrics } from './backend-metrics.service.js';
import { ClusterMetrics } from './cluster-metrics.service.js';
import { ControlMetrics } from './control-metrics.js';
import { mergeExpositions } from './merged-exposition.js';
import { RequestMetrics } from './request-metrics.js';
import { RequestObserver } from './request-observer.service.js';
import { StateMetrics } from './state-metrics.service.js';
import { WorkerScrape } from './worker-scrape.js';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/**
 * `/metrics` for Prometheus, `/livez` and `/readyz`, on a port of their own: nobody is asked who they are, and nothing of it
 * can be reached by the port that people use. Without METRICS_PORT nothing is counted.
 */
@Injectable()
export class MetricsServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Metrics');
  private readonly registry = new Registry();
  private server: Server | undefined;
  private workers: WorkerScrape | undefined;
  private exposition: Promise<string> | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(RequestObserver) private readonly observer: RequestObserver,
    @Inject(StateMetrics) private readonly state: StateMetrics,
    @Inject(BackendMetrics) private readonly backends: BackendMetrics,
    @Inject(ClusterMetrics) private readonly watching: ClusterMetrics,
    @Inject(Probes) private readonly probes: Probes,
  ) {}

  /** Where it listens, such as `http://127.0.0.1:9464`; undefined: it does not. */
  get url(): string | undefined {
    const address = this.server?.address() as AddressInfo | null | undefined;
    if (!address) return undefined;
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return `http://${host}:${address.port}`;
  }

  /** @throws ConfigError when the port cannot be had */
  async onApplicationBootstrap(): Promise<void> {
    const { METRICS_PORT: port, METRICS_HOST, HOST } = this.config;
    if (port === undefined) return;
    this.register();
    // The port is shared with the other workers, so whichever is asked answers for all of them.
    if (cluster.worker) this.workers = new WorkerScrape(cluster.worker, (worker) => this.measureAs(worker));
    const server = createServer((message, response) => void this.handle(message, response));
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(new ConfigError(`METRICS_PORT ${port} cannot be used: ${error.message}`)));
      server.listen(port, METRICS_HOST ?? HOST, resolve);
    });
    this.server = server;
    this.logger.log(`Metrics are at ${this.url}/metrics`);
  }

  onApplicationShutdown(): void {
    this.server?.close();
    this.server?.closeAllConnections();
  }

  private register(): void {
    const { registry } = this;
    collectDefaultMetrics({ register: registry });
    const requests = new RequestMetrics(registry);
    const control = new ControlMetrics(registry);
    this.state.register(registry);
    this.backends.register(registry);
    this.watching.register(registry);
    new Gauge({
      name: 'maas_build_info',
      help: '1, with what runs.',
      labelNames: ['version', 'node'],
      registers: [registry],
    }).set({ version, node: process.versions.node }, 1);
    this.observer.follow({
      inference: (request) => requests.count(request),
      control: (request) => control.count(request),
    });
  }

  private async handle({ method, url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, type, body } = await this.answer(method, url.replace(/\?.*$/s, '')).catch((error: unknown) => {
      this.logger.error(`The metrics cannot be read: ${String(error)}`);
      return text(500, 'The metrics cannot be read; the log says why\n');
    });
    response.writeHead(status, { 'content-type': type, 'content-length': String(Buffer.byteLength(body)) });
    response.end(method === 'HEAD' ? undefined : body);
  }

  private async answer(method: string | undefined, path: string): Promise<Answer> {
    if (method !== 'GET' && method !== 'HEAD') return text(405, 'Only GET and HEAD are answered here\n');
    if (path === '/metrics') return { status: 200, type: this.registry.contentType, body: await this.expose() };
    if (path === '/livez') return json(200, { status: 'healthy' });
    if (path === '/readyz') {
      const { serves, answer } = this.probes.ready();
      return json(serves ? 200 : 503, answer);
    }
    return text(404, 'There are /metrics, /livez and /readyz here\n');
  }

  /** Several who ask at once get the same. */
  private expose(): Promise<string> {
    this.exposition ??= (this.workers?.gather().then(mergeExpositions) ?? expositionOf(this.registry)).finally(
      () => (this.exposition = undefined),
    );
    return this.exposition;
  }

  /** Series of their own, so that one worker's new beginning looks like no leap of a sum. */
  private measureAs(worker: number): Promise<string> {
    this.registry.setDefaultLabels({ worker: String(worker) });
    return expositionOf(this.registry);
  }
}

/** A metric a turn of the event loop: of many models, all at once would hold up what is being answered. */
async function expositionOf(registry: Registry): Promise<string> {
  const blocks: string[] = [];
  for (const { name } of registry.getMetricsAsArray()) {
    blocks.push(await registry.getSingleMetricAsString(name));
    await endOfTurn();
  }
  return `${blocks.join('\n\n')}\n`;
}

function text(status: number, body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body };
}

function json(status: number, body: object): Answer {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(body) };
}
