import { z } from 'zod';
import { oneOf, wholeNumber } from './setting-kinds.js';

const milliseconds = wholeNumber(1, 3_600_000, 'is a whole number of milliseconds, from 1 to 3600000');
const endpoint = z
  .url({ protocol: /^https?$/, error: 'is an http or https URL' })
  .refine((url) => /^[^?#@]*$/.test(url), 'is a URL without user information, query and fragment');

/** `key=value,key2=value2`, percent-encoded (W3C Baggage, as OpenTelemetry's specification has it). */
const pairs = z
  .string()
  .default('')
  .transform((text, context): Readonly<Record<string, string>> => {
    const entries = text.split(',').map((pair) => pair.trim()).filter(Boolean); // prettier-ignore
    try {
      return Object.fromEntries(entries.map(readPair));
    } catch {
      context.addIssue({ code: 'custom', message: 'is a list such as key=value,other=value, percent-encoded' });
      return z.NEVER;
    }
  });

function readPair(pair: string): [string, string] {
  const [, key = '', value = ''] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
  if (key === '') throw new Error('no key');
  return [decodeURIComponent(key.trim()), decodeURIComponent(value.trim())];
}

/**
 * What OpenTelemetry's specification names ("OpenTelemetry Environment Variable Specification", "OTLP Exporter
 * Configuration"), as far as it concerns traces. They are also what sidecars and operators of a cluster set.
 */
export const otelEnvironment = {
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint.optional().meta({
    description: 'The collector that traces are sent to, below /v1/traces. Absent: there are none.',
  }),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint.optional().meta({
    description: 'The same, with its path. Absent: by OTEL_EXPORTER_OTLP_ENDPOINT.',
  }),
  OTEL_EXPORTER_OTLP_PROTOCOL: z
    .literal('http/protobuf', { error: 'is http/protobuf: traces are sent in no other form' })
    .default('http/protobuf')
    .meta({ description: 'How traces are sent.' }),
  OTEL_EXPORTER_OTLP_HEADERS: pairs.meta({ description: 'Headers for the collector, such as a credential.' }),
  OTEL_EXPORTER_OTLP_TIMEOUT: milliseconds
    .default(10_000)
    .meta({ description: 'For one batch, with its repetitions, in milliseconds.' }),
  OTEL_SERVICE_NAME: z.string().optional().meta({ description: 'What this service is called there. Absent: maas.' }),
  OTEL_RESOURCE_ATTRIBUTES: pairs.meta({ description: 'What else is said of this process.' }),
  OTEL_TRACES_SAMPLER: oneOf([
    'always_on',
    'always_off',
    'traceidratio',
    'parentbased_always_on',
    'parentbased_always_off',
    'parentbased_traceidratio',
  ])
    .default('parentbased_always_on')
    .meta({ description: 'Which requests are traced.' }),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number('is a number from 0 to 1')
    .min(0, 'is a number from 0 to 1')
    .max(1, 'is a number from 0 to 1')
    .default(1)
    .meta({ description: 'The part of them, for traceidratio.' }),
  OTEL_BSP_MAX_QUEUE_SIZE: wholeNumber(1, 1_000_000, 'is a whole number from 1 to 1000000')
    .default(2048)
    .meta({ description: 'Spans that wait to be sent; more are dropped.' }),
  OTEL_BSP_SCHEDULE_DELAY: milliseconds.default(5000).meta({ description: 'Between two batches, in milliseconds.' }),
  OTEL_SDK_DISABLED: oneOf(['true', 'false'])
    .default('false')
    .meta({ description: '`true`: no traces, whatever else is set.' }),
};

type Endpoints = {
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?: string | undefined;
  readonly OTEL_SDK_DISABLED: 'true' | 'false';
};

/** Where traces go; undefined: none are wanted. The path is added to the endpoint of all signals alone. */
export function tracesEndpoint(settings: Endpoints): string | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: all, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own, OTEL_SDK_DISABLED } = settings;
  if (OTEL_SDK_DISABLED === 'true') return undefined;
  return own ?? (all === undefined ? undefined : `${all.replace(/\/+$/, '')}/v1/traces`);
}
