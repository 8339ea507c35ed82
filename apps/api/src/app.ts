import 'reflect-metadata';
import type { Server } from 'node:http';
import fastifyCookie from '@fastify/cookie';
import { type INestApplication, Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { fastify } from 'fastify';
import { AppModule } from './app.module.js';
import { TokenSignerService } from './auth/token-signer.service.js';
import type { Config } from './config.js';
import { ChangeFeedService } from './database/change-feed.service.js';
import { parseBodiesAsJson } from './http/body-parser.js';
import { type Clock, SystemClock } from './http/clock.js';
import { answerUnroutable } from './http/error.filter.js';
import { PinoLogger } from './http/logger.js';
import { pagesFolder, readPages } from './http/page-files.js';
import { servePages } from './http/pages.js';
import { Readiness } from './http/readiness.js';
import { newRequestId } from './http/request-id.js';
import { refuseControlPlane } from './http/refuse-control-plane.js';
import { protectPages } from './http/security-headers.js';
import { answerUnreadable, createServer } from './http/server.js';
import { ClusterWatcher } from './kubernetes/cluster-watcher.service.js';
import { setupDocs } from './docs.js';
import { Gateway } from './proxy/gateway.service.js';
import { Limiter } from './tiers/limiter.service.js';

export interface App {
  readonly nest: INestApplication;
  /** Where it listens, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Finishes what is under way, writes what is not written, and stops. */
  close(): Promise<void>;
}

/** The application, put together: it has touched neither the database nor the network yet. */
export async function assemble(config: Config, databaseUrl: string, clock: Clock): Promise<NestFastifyApplication> {
  let gateway: Gateway | undefined;
  const server = fastify({
    serverFactory: (controlPlane) =>
      createServer(
        config,
        (message, response) => {
          if (gateway) gateway.handle(message, response, () => controlPlane(message, response));
          else controlPlane(message, response);
        },
        (line) => new Logger('Http').warn(line),
      ),
    genReqId: newRequestId,
    requestIdHeader: false,
    trustProxy: config.TRUST_PROXY.length > 0 ? [...config.TRUST_PROXY] : false,
    routerOptions: { maxParamLength: 512 },
    clientErrorHandler: answerUnreadable,
    frameworkErrors: answerUnroutable,
    logger: false,
  });
  const nest = await NestFactory.create<NestFastifyApplication>(
    AppModule.with(config, databaseUrl, clock),
    new FastifyAdapter(server as never),
    { bodyParser: false, logger: new PinoLogger(config.LOG_LEVEL), forceCloseConnections: false, abortOnError: false },
  );
  parseBodiesAsJson(server);
  await server.register(fastifyCookie);
  const folder = pagesFolder(config);
  const pages = folder === undefined ? undefined : await readPages(folder);
  if (!pages) new Logger('Dashboard').warn('It is not built, so no pages are served; `npm start` builds it');
  protectPages(server, config);
  if (config.MAAS_ROLE === 'gateway') refuseControlPlane(server);
  setupDocs(nest);
  if (pages) await servePages(server, pages);
  await nest.init();
  await server.ready();
  gateway = nest.get(Gateway);
  return nest;
}

/** The application with its keys, which knows nothing of the database yet. */
export async function prepareApp(
  config: Config,
  databaseUrl: string,
  clock: Clock = new SystemClock(),
): Promise<NestFastifyApplication> {
  const nest = await assemble(config, databaseUrl, clock);
  await nest.get(TokenSignerService).start();
  return nest;
}

/** The whole application, ready but not listening yet, on a database that is there. */
export async function createApp(config: Config, databaseUrl: string, clock?: Clock): Promise<NestFastifyApplication> {
  const nest = await prepareApp(config, databaseUrl, clock);
  await nest.get(Limiter).start();
  await nest.get(ChangeFeedService).start();
  return nest;
}

/** Starts to listen. */
export async function listen(nest: NestFastifyApplication, config: Config): Promise<App> {
  // What a fresh installation has comes first.
  await nest.get(ClusterWatcher).start();
  await nest.listen(config.PORT, config.HOST);
  const server = nest.getHttpServer();
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : config.PORT;
  const host = config.HOST === '0.0.0.0' ? 'localhost' : config.HOST;
  const readiness = nest.get(Readiness);
  readiness.ready = true;
  let closing: Promise<void> | undefined;
  return {
    nest,
    url: `${config.TLS_CERT_FILE ? 'https' : 'http'}://${host}:${port}`,
    close: () => {
      closing ??= close(nest, server, readiness, config);
      return closing;
    },
  };
}

async function close(
  nest: INestApplication,
  server: Server,
  readiness: Readiness,
  { DRAIN_DELAY, DRAIN_TIMEOUT }: Config,
): Promise<void> {
  const gateway = nest.get(Gateway);
  readiness.ready = false;
  gateway.beginDrain();
  // Until a load balancer has seen that, it goes on to send requests, and they must not find a closed door.
  if (DRAIN_DELAY > 0) await new Promise((resolve) => setTimeout(resolve, DRAIN_DELAY));
  // Stops to accept; connections with an answer under way live on until it is sent.
  server.close();
  server.closeIdleConnections();
  await gateway.drain(DRAIN_TIMEOUT);
  server.closeAllConnections();
  await nest.close();
}
