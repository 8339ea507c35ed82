import { randomUUID } from 'node:crypto';
import type { Config } from '../config.js';
import { tracesEndpoint } from '../otel-environment.js';
import type { TracerSettings } from './tracer.js';

/** @returns undefined where no traces are wanted */
export function tracerSettings(config: Config, version: string): TracerSettings | undefined {
  const endpoint = tracesEndpoint(config);
  if (endpoint === undefined) return undefined;
  return {
    url: endpoint.url,
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

/** What an operator should know of settings of OpenTelemetry's, each with what is done instead. */
export function tracingWarnings(config: Config): string[] {
  if (config.OTEL_SDK_DISABLED === 'true') return [];
  const { warning } = tracesEndpoint(config) ?? {};
  return [
    ...config.otelProblems.map((problem) => `${problem}; what it is set to is not used, but what holds without it`),
    ...(warning === undefined ? [] : [warning]),
  ];
}
