import type { Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { QuietExporter } from './quiet-exporter.js';

/** Where traces go, and which; as OpenTelemetry's specification names the settings. */
export interface TracerSettings {
  /** The whole URL, with its path. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds, of one export with its repetitions. */
  readonly timeout: number;
  readonly sampler: SamplerName;
  /** From 0 to 1, for those samplers that take a part. */
  readonly ratio: number;
  readonly resource: Readonly<Record<string, string>>;
  /** Spans that wait to be sent; more are dropped. */
  readonly queue: number;
  /** Milliseconds between two exports. */
  readonly delay: number;
}

export type SamplerName =
  | 'always_on'
  | 'always_off'
  | 'traceidratio'
  | 'parentbased_always_on'
  | 'parentbased_always_off'
  | 'parentbased_traceidratio';

/** How long the end of the process may wait for what is not sent, in milliseconds. */
const FLUSH_MILLISECONDS = 5000;
const LARGEST_BATCH = 512;

export interface RunningTracer {
  readonly tracer: Tracer;
  /** Sends what waits, and stops: within a few seconds, also when nobody takes it. */
  stop(): Promise<void>;
}

/** Sends spans by OTLP over HTTP, as protobuf, in batches, beside what the process does. */
export function startTracer(settings: TracerSettings, version: string, logger: QuietLogger): RunningTracer {
  const { url, headers, timeout, queue, delay } = settings;
  const exporter = new OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis: timeout });
  const provider = new TracerProvider({
    resource: resourceFromAttributes(settings.resource),
    sampler: samplerOf(settings),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new QuietExporter(exporter, new URL(url).host, logger),
        maxQueueSize: queue,
        maxExportBatchSize: Math.min(LARGEST_BATCH, queue),
        scheduledDelayMillis: delay,
      }),
    ],
  });
  return {
    tracer: provider.getTracer('maas', version),
    stop: async () => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, FLUSH_MILLISECONDS)));
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      clearTimeout(timer);
    },
  };
}

interface QuietLogger {
  warn(message: string): void;
  log(message: string): void;
}

function samplerOf({ sampler, ratio }: TracerSettings): Sampler {
  const name = sampler.replace('parentbased_', '');
  const root = { always_off: new AlwaysOffSampler(), traceidratio: new TraceIdRatioBasedSampler(ratio) }[name];
  const chosen = root ?? new AlwaysOnSampler();
  return name === sampler ? chosen : new ParentBasedSampler({ root: chosen });
}
