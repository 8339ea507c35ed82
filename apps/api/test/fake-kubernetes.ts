import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeCluster } from './fake-cluster.js';
import type { Spoken } from './kubernetes-shapes.js';

/** Anything that the API server was asked for. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  /** The credential of who asks. */
  readonly authorization: string | undefined;
  readonly body: { readonly metadata?: { readonly name?: string }; readonly spec?: unknown };
}

/** `spec` of a SubjectAccessReview, as the Kubernetes API describes it. */
export interface AccessSpec {
  readonly user?: string;
  readonly groups?: string[];
  readonly resourceAttributes?: Readonly<Record<string, string>>;
}

/** What the API server was asked about a token. */
export interface SeenReview {
  readonly method: string;
  readonly path: string;
  /** The credential of who asks, not the token that is asked about. */
  readonly authorization: string | undefined;
  readonly spec: { readonly token: string; readonly audiences?: string[] };
}

/** `status` of a TokenReview, as the Kubernetes API describes it. */
export interface ReviewStatus {
  readonly authenticated?: boolean;
  readonly user?: { readonly username?: string; readonly uid?: string; readonly groups?: string[] };
  readonly audiences?: string[];
  readonly error?: string;
}

/** How the API server answers from now on. */
export type Answering = (review: SeenReview, response: ServerResponse) => void;

/** An API server of Kubernetes: it reviews tokens and access as it is told, and keeps namespaces, accounts and their tokens. */
export interface FakeKubernetes {
  /** A file that names the server, its certificate and a credential: for KUBERNETES_AUTH. */
  readonly kubeconfig: string;
  readonly seen: SeenReview[];
  /** All requests that are no TokenReview. */
  readonly asked: SeenRequest[];
  /** Every object that it was shown, and that it answered with as it does by itself. */
  readonly spoken: Spoken[];
  readonly cluster: FakeCluster;
  answer(answering: Answering): void;
  /** TokenReviews are answered by what the cluster has. */
  answerByCluster(): void;
  /** Who may do what, by SubjectAccessReviews. Nobody, until it is said. */
  allow(decide: (spec: AccessSpec) => boolean): void;
  /** Whether the platform itself has a right. It has all of them, until it is said otherwise. */
  grants: (right: Readonly<Record<string, string>>) => boolean;
  /** Answers a request that is no TokenReview in its place, where it returns true. */
  intercept: ((asked: SeenRequest, response: ServerResponse) => boolean) | undefined;
  /** Stops to listen and breaks off what is under way; `start` listens again on the same port. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

const REVIEW = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview' };

/** Answers with this status, or with what a function makes of the token. */
export function reviewing(status: ReviewStatus | ((token: string) => ReviewStatus)): Answering {
  return ({ spec }, response) => {
    const review = {
      ...REVIEW,
      metadata: {},
      spec,
      status: typeof status === 'function' ? status(spec.token) : status,
    };
    response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(review));
  };
}

/** Refuses to review anything, as an API server says it. */
export function failing(code: number, headers: Record<string, string> = {}): Answering {
  return (_review, response) => {
    const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'no', reason: 'Unknown', code };
    response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(status));
  };
}

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url));

function answerWith(response: ServerResponse, code: number, body: object, spoken: Spoken[]): void {
  spoken.push(body as Spoken);
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

export async function startFakeKubernetes(): Promise<FakeKubernetes> {
  const cert = fixture('test-server.cert.pem');
  const seen: SeenReview[] = [];
  const asked: SeenRequest[] = [];
  const spoken: Spoken[] = [];
  const cluster = new FakeCluster();
  let answering = reviewing({ authenticated: false });
  let decide: (spec: AccessSpec) => boolean = () => false;
  const answer = (request: SeenRequest, response: ServerResponse) => {
    const { method, path, authorization, body } = request;
    if (path === '/apis/authentication.k8s.io/v1/tokenreviews') {
      const review = { method, path, authorization, spec: body.spec as SeenReview['spec'] };
      seen.push(review);
      return answering(review, response);
    }
    asked.push(request);
    if (fake.intercept?.(request, response)) return;
    if (path === '/apis/authorization.k8s.io/v1/subjectaccessreviews') {
      const allowed = decide(body.spec as AccessSpec);
      return answerWith(response, 201, { ...body, metadata: {}, status: { allowed } }, spoken);
    }
    if (path === '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews') {
      const { resourceAttributes = {} } = body.spec as AccessSpec;
      return answerWith(
        response,
        201,
        { ...body, metadata: {}, status: { allowed: fake.grants(resourceAttributes) } },
        spoken,
      );
    }
    const known = cluster.answer(method, path, body as Parameters<FakeCluster['answer']>[2]);
    answerWith(response, known?.code ?? 404, known?.body ?? { kind: 'Status', reason: 'NotFound', code: 404 }, spoken);
  };
  const server = createServer({ cert, key: fixture('test-server.key.pem') }, (message, response) => {
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    message.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const body = (text === '' ? {} : JSON.parse(text)) as SeenRequest['body'];
      const { method = '', url: path = '', headers } = message;
      spoken.push(body);
      answer({ method, path, authorization: headers.authorization, body }, response);
    });
  });
  const start = (port = 0) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await start();
  const { port } = server.address() as AddressInfo;
  const folder = mkdtempSync(join(tmpdir(), 'maas-kubernetes-'));
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, kubeconfigFor(`https://127.0.0.1:${port}`, cert));
  const fake: FakeKubernetes = {
    kubeconfig,
    seen,
    asked,
    spoken,
    cluster,
    grants: () => true,
    intercept: undefined,
    answer: (next) => (answering = next),
    answerByCluster: () => {
      answering = ({ spec }, response) => {
        const status = cluster.review(spec.token, spec.audiences);
        answerWith(response, 201, { ...REVIEW, metadata: {}, spec, status }, spoken);
      };
    },
    allow: (next) => (decide = next),
    stop,
    start: () => start(port),
    close: async () => {
      if (server.listening) await stop();
      rmSync(folder, { recursive: true });
    },
  };
  return fake;
}

/** What the platform shows the API server, so that it may ask. */
export const REVIEWER_TOKEN = 'reviewer-canary-8c1f';

/** JSON is YAML. */
function kubeconfigFor(server: string, certificate: Buffer): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': certificate.toString('base64') } }],
    users: [{ name: 'reviewer', user: { token: REVIEWER_TOKEN } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'reviewer' } }],
    'current-context': 'test',
  });
}
