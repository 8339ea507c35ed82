import { randomUUID } from 'node:crypto';
import type { Config } from '../config.js';
import { tracesEndpoint } from '../otel-environment.js';
import type { TracerSettings } from './tracer.js';

/** @returns undefined where no traces are wanted */
export function tracerSettings(config: Config, version: string): TracerSettings | undefined {
  const url = tracesEndpoint(config);
  if (url === undefined) return undefined;
  return {
    url,
    headers: config.OTEL_EXPORTER_OTLP_HEADERS,
    timeout: config.OTEL_EXPORTER_OTLP_TIMEOUT,
    sampler: config.OTEL_TRACES_SAMPLER,
    ratio: config.OTEL_TRACES_SAMPLER_ARG,
    resource: {
      'service.version': version,
      // Of this process: replicas and workers are told apart by it.
      'service.instance.id': randomUUID(),
      'maas.role': config.MAAS_ROLE,
      ...config.OTEL_RESOURCE_ATTRIBUTES,
      'service.name': config.OTEL_SERVICE_NAME ?? config.OTEL_RESOURCE_ATTRIBUTES['service.name'] ?? 'maas',
    },
    queue: config.OTEL_BSP_MAX_QUEUE_SIZE,
    delay: config.OTEL_BSP_SCHEDULE_DELAY,
  };
}
