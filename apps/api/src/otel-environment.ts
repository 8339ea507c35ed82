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

const protocol = oneOf(['http/protobuf', 'http/json', 'grpc']);

/**
 * What OpenTelemetry's specification names ("OpenTelemetry Environment Variable Specification", "OTLP Exporter
 * Configuration"), as far as it concerns traces. They are also what sidecars and operators of a cluster set, for whatever
 * runs there: as the specification has it, a value that cannot be used is warned of, and the default is taken.
 */
export const otelEnvironment = {
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint.optional().meta({
    description: 'The collector that traces are sent to, below /v1/traces. Absent: there are none.',
    examples: ['http://collector.example.com:4318'],
  }),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint.optional().meta({
    description: 'The same, with its path. Absent: by OTEL_EXPORTER_OTLP_ENDPOINT.',
  }),
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol
    .default('http/protobuf')
    .meta({ description: 'http/protobuf, which is how traces are sent; what else there is, is warned of.' }),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol
    .optional()
    .meta({ description: 'The same, for traces alone. Absent: OTEL_EXPORTER_OTLP_PROTOCOL.' }),
  OTEL_TRACES_EXPORTER: oneOf(['otlp', 'none']).default('otlp').meta({ description: '`none`: no traces.' }),
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
  // As the specification has it for booleans: in either case of letters.
  OTEL_SDK_DISABLED: z
    .string()
    .default('false')
    .transform((text) => text.toLowerCase())
    .pipe(oneOf(['true', 'false']))
    .meta({ description: '`true`: no traces, whatever else is set.' }),
};

export const isOtelSetting = (name: string): boolean => name in otelEnvironment;

type Destination = {
  readonly [
    Name in
      | 'OTEL_EXPORTER_OTLP_ENDPOINT'
      | 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'
      | 'OTEL_EXPORTER_OTLP_PROTOCOL'
      | 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'
      | 'OTEL_TRACES_EXPORTER'
      | 'OTEL_SDK_DISABLED'
  ]?: z.output<(typeof otelEnvironment)[Name]>;
};

/** The ports that a collector takes OTLP at, as the specification has them: by gRPC, and by HTTP. */
const PORTS = { grpc: '4317', http: '4318' };

/**
 * Where traces go; undefined: none are wanted. The path is added to the endpoint of all signals alone. An endpoint that was
 * named for gRPC has none, and its port is not the one for HTTP, which is what we speak.
 * @returns the whole URL, and what the operator should know of it
 */
export function tracesEndpoint(settings: Destination): { url: string; warning?: string } | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: all, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own } = settings;
  const given = own ?? all;
  if (settings.OTEL_SDK_DISABLED === 'true' || settings.OTEL_TRACES_EXPORTER === 'none') return undefined;
  if (given === undefined) return undefined;
  const url = own ?? `${given.replace(/\/+$/, '')}/v1/traces`;
  const name = settings.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL
    ? 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'
    : 'OTEL_EXPORTER_OTLP_PROTOCOL';
  const asked = settings[name];
  if (asked === 'http/json') {
    return { url, warning: `${name} is http/json: traces are sent as http/protobuf, to the same address` };
  }
  return asked === 'grpc' ? insteadOfGrpc(name, new URL(given)) : { url };
}

function insteadOfGrpc(name: string, given: URL): { url: string; warning: string } {
  const url = new URL('/v1/traces', given);
  if (given.port === PORTS.grpc) url.port = PORTS.http;
  const warning =
    `${name} is grpc, which is not spoken here: traces are sent as http/protobuf to ${url.host}. If the collector does ` +
    `not take it there, set ${name}=http/protobuf and the endpoint that it has for HTTP (port ${PORTS.http} as a rule)`;
  return { url: url.href, warning };
}
