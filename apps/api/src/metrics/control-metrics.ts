import { Counter, Histogram, type Registry } from 'prom-client';
import type { EndedControlRequest } from './request-observer.service.js';
import { codeLabel } from './request-labels.js';

const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const MILLISECONDS = 1000;

/** Counts requests of the control plane by the routes that it has. */
export class ControlMetrics {
  private readonly requests;
  private readonly duration;

  constructor(registry: Registry) {
    this.requests = new Counter({
      name: 'maas_control_requests_total',
      help: 'Requests that are no inference: the API of the platform, its pages, probes.',
      labelNames: ['method', 'route', 'code'],
      registers: [registry],
    });
    this.duration = new Histogram({
      name: 'maas_control_request_duration_seconds',
      help: 'From such a request to the end of its answer.',
      labelNames: ['route'],
      buckets,
      registers: [registry],
    });
  }

  count({ method, route, status, duration }: EndedControlRequest): void {
    this.requests.inc({ method, route, code: codeLabel(status) });
    this.duration.observe({ route }, duration / MILLISECONDS);
  }
}
