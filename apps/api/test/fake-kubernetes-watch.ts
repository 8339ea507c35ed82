import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterHistory, type StoredObject } from './cluster-history.js';

/** A list or a watch, as the API server saw it. */
export interface SeenRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
}

/** Answers a request in its own way; what it leaves alone is answered as an API server does. @returns whether it answered */
export type Interception = (request: SeenRequest, response: ServerResponse) => boolean;

/** An API server of Kubernetes that lists and watches, over HTTPS, with a history of its own. */
export interface WatchableCluster {
  /** A file that names the server, its certificate and a credential. */
  readonly kubeconfig: string;
  readonly history: ClusterHistory;
  readonly seen: SeenRequest[];
  /** How many watches are open. */
  readonly watches: number;
  intercept(interception: Interception | undefined): void;
  /** Sends a bookmark to all watches that want them. */
  bookmark(): void;
  /** Breaks all connections off; new ones are taken. */
  cut(): void;
  /** Stops to listen and breaks off what is under way; `start` listens again on the same port. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** What the platform shows the API server. */
export const WATCHER_TOKEN = 'watcher-canary-51d0';

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url));

interface OpenWatch {
  readonly request: SeenRequest;
  readonly response: ServerResponse;
}

/** `Status`, as the API server describes a request that it does not fulfil. */
export function status(code: number, reason: string, message: string, details: object = {}): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, details, code };
}

/** Refuses what matches, as an API server says it. */
export function refusing(
  code: number,
  reason: string,
  message: string,
  {
    headers = {},
    when = () => true,
  }: { headers?: Record<string, string>; when?: (request: SeenRequest) => boolean } = {},
): Interception {
  return (request, response) => {
    if (!when(request)) return false;
    response.writeHead(code, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(status(code, reason, message)));
    return true;
  };
}

export const isWatch = ({ query }: SeenRequest): boolean => query.get('watch') === 'true';

export async function startWatchableCluster(): Promise<WatchableCluster> {
  const cert = fixture('test-server.cert.pem');
  const history = new ClusterHistory();
  const seen: SeenRequest[] = [];
  const watches = new Set<OpenWatch>();
  let interception: Interception | undefined;
  const server = createServer({ cert, key: fixture('test-server.key.pem') }, (message, response) => {
    const request = requestOf(message);
    seen.push(request);
    if (interception?.(request, response)) return;
    if (request.authorization !== `Bearer ${WATCHER_TOKEN}`) {
      return answer(response, 401, status(401, 'Unauthorized', 'Unauthorized'));
    }
    if (!history.knows(request.path)) return void response.writeHead(404).end('404 page not found\n');
    if (!isWatch(request)) return list(history, request, response);
    const watch = { request, response };
    if (!open(history, watch)) return;
    watches.add(watch);
    const seconds = Number(request.query.get('timeoutSeconds') ?? 1800);
    const timer = setTimeout(() => response.end(), seconds * 1000);
    response.once('close', () => {
      clearTimeout(timer);
      watches.delete(watch);
    });
  });
  history.follow((type, object, path) => {
    for (const { request, response } of watches) {
      if (history.holds(request.path, path, object)) response.write(line(type, object));
    }
  });
  const start = (port = 0) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await start();
  const { port } = server.address() as AddressInfo;
  const folder = mkdtempSync(join(tmpdir(), 'maas-watch-'));
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, kubeconfigFor(`https://127.0.0.1:${port}`, cert));
  return {
    kubeconfig,
    history,
    seen,
    get watches() {
      return watches.size;
    },
    intercept: (next) => (interception = next),
    bookmark: () => {
      for (const { request, response } of watches) {
        if (request.query.get('allowWatchBookmarks') !== 'true') continue;
        response.write(line('BOOKMARK', history.bookmarkOf(request.path)));
      }
    },
    cut: () => server.closeAllConnections(),
    stop,
    start: () => start(port),
    close: async () => {
      if (server.listening) await stop();
      rmSync(folder, { recursive: true });
    },
  };
}

function requestOf({ url = '', headers }: IncomingMessage): SeenRequest {
  const { pathname: path, searchParams: query } = new URL(url, 'https://kubernetes');
  return { path, query, authorization: headers.authorization };
}

function list(history: ClusterHistory, { path, query }: SeenRequest, response: ServerResponse): void {
  const limit = Number(query.get('limit') ?? Number.MAX_SAFE_INTEGER);
  const page = history.list(path, query.get('fieldSelector'), { limit, continue: query.get('continue') });
  if (page) return answer(response, 200, page);
  const message = 'The provided continue parameter is too old to display a consistent list result.';
  answer(response, 410, status(410, 'Expired', message));
}

/** Sends what happened since; false: that is no longer known. */
function open(history: ClusterHistory, { request, response }: OpenWatch): boolean {
  const from = Number(request.query.get('resourceVersion') ?? '0');
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  const missed = history.since(request.path, from);
  if (!missed) {
    const message = `too old resource version: ${from} (${history.position})`;
    response.end(line('ERROR', status(410, 'Expired', message)));
    return false;
  }
  for (const { type, object } of missed) response.write(line(type, object));
  return true;
}

function line(type: string, object: StoredObject | object): string {
  return `${JSON.stringify({ type, object })}\n`;
}

function answer(response: ServerResponse, code: number, body: object): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** JSON is YAML. */
function kubeconfigFor(server: string, certificate: Buffer): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': certificate.toString('base64') } }],
    users: [{ name: 'watcher', user: { token: WATCHER_TOKEN } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'watcher' } }],
    'current-context': 'test',
  });
}
