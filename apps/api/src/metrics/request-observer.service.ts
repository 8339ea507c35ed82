import type { IncomingHttpHeaders } from 'node:http';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CONFIG, type Config } from '../config.js';
import { tracesEndpoint } from '../otel-environment.js';
import { type EndedRequest, Gateway } from '../proxy/gateway.service.js';

/** A request of the control plane that was answered. */
export interface EndedControlRequest {
  readonly id: string;
  readonly method: string;
  /** As it is declared, such as `/maas-api/v1/tokens/:id`; `pages`: a file of the dashboard; `other`: nothing is there. */
  readonly route: string;
  readonly status: number;
  /** Milliseconds. */
  readonly duration: number;
  /** What the client sent; credentials too, so none of them is passed on. */
  readonly headers: IncomingHttpHeaders;
}

/** Who counts or logs. Neither may throw. */
export interface RequestListener {
  inference(request: EndedRequest): void;
  control(request: EndedControlRequest): void;
}

const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/**
 * Hands on every request that has ended, on both planes, after its answer was written: whoever listens holds none up. Without
 * a listener nothing is observed at all.
 */
@Injectable()
export class RequestObserver implements OnModuleInit {
  private readonly listeners: RequestListener[] = [];
  private ended: (() => void)[] = [];

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Gateway) private readonly gateway: Gateway,
    @Inject(HttpAdapterHost) private readonly adapter: HttpAdapterHost,
  ) {}

  onModuleInit(): void {
    const { METRICS_PORT, LOG_REQUESTS } = this.config;
    if (METRICS_PORT === undefined && LOG_REQUESTS === 'off' && tracesEndpoint(this.config) === undefined) return;
    this.gateway.observeBy((request) => this.later(() => this.tell((listener) => listener.inference(request))));
    const server = this.adapter.httpAdapter.getInstance<FastifyInstance>();
    server.addHook('onResponse', (request, reply, done) => {
      const ended = describeControl(request, reply);
      this.later(() => this.tell((listener) => listener.control(ended)));
      done();
    });
  }

  follow(listener: RequestListener): void {
    this.listeners.push(listener);
  }

  private tell(one: (listener: RequestListener) => void): void {
    for (const listener of this.listeners) one(listener);
  }

  /** At the end of this turn of the event loop: what is still to be written in it goes first. */
  private later(work: () => void): void {
    this.ended.push(work);
    if (this.ended.length > 1) return;
    setImmediate(() => {
      const { ended } = this;
      this.ended = [];
      for (const each of ended) each();
    });
  }
}

function describeControl(request: FastifyRequest, reply: FastifyReply): EndedControlRequest {
  const { id, method, is404, routeOptions, headers } = request;
  const { statusCode: status, elapsedTime: duration } = reply;
  const unrouted = status < 400 ? 'pages' : 'other';
  return {
    id,
    method: methods.has(method) ? method : 'other',
    route: is404 ? unrouted : (routeOptions.url ?? unrouted),
    status,
    duration,
    headers,
  };
}
