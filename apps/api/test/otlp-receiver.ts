import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** A span as a collector gets it. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty: it is a root. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: 'server' | 'client' | 'other';
  /** Nanoseconds since the Unix epoch. */
  readonly start: bigint;
  readonly end: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly hasFailed: boolean;
  readonly resource: Readonly<Record<string, unknown>>;
}

/** A collector that takes traces by OTLP over HTTP, as protobuf (opentelemetry-proto, trace/v1/trace.proto). */
export interface OtlpReceiver {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string;
  readonly spans: ReceivedSpan[];
  readonly headers: IncomingHttpHeaders[];
  /** All that came, as it came. */
  bytes(): string;
  close(): Promise<void>;
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const bodies: Buffer[] = [];
  const server = createServer((message, response) => {
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    message.on('end', () => {
      if (message.url !== '/v1/traces' || message.headers['content-type'] !== 'application/x-protobuf') {
        return void response.writeHead(404).end();
      }
      const sent = Buffer.concat(chunks);
      const body = message.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
      bodies.push(body);
      headers.push(message.headers);
      spans.push(...spansIn(body));
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    headers,
    bytes: () => Buffer.concat(bodies).toString('latin1'),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

type Field = bigint | Buffer;
/** By the field's number. */
type Message = ReadonlyMap<number, Field[]>;

/** Protocol Buffers' wire format: varints, fixed64, fixed32, and what has a length. */
function read(bytes: Buffer): Message {
  const fields = new Map<number, Field[]>();
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('the message ends within a number');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const wire = key & 7;
    let value: Field;
    if (wire === 0) value = varint();
    else if (wire === 1) value = bytes.subarray(at, (at += 8)).readBigUInt64LE();
    else if (wire === 5) value = BigInt(bytes.subarray(at, (at += 4)).readUInt32LE());
    else if (wire === 2) {
      const length = Number(varint());
      value = bytes.subarray(at, (at += length));
    } else throw new Error(`wire type ${wire} is not used`);
    fields.set(key >> 3, [...(fields.get(key >> 3) ?? []), value]);
  }
  return fields;
}

const messages = (from: Message, field: number) => (from.get(field) ?? []).map((value) => read(value as Buffer));
const bytesOf = (from: Message, field: number) => (from.get(field)?.[0] ?? Buffer.alloc(0)) as Buffer;
const textOf = (from: Message, field: number) => bytesOf(from, field).toString();
const numberOf = (from: Message, field: number) => (from.get(field)?.[0] ?? 0n) as bigint;

function valueOf(value: Message): unknown {
  if (value.has(1)) return textOf(value, 1);
  if (value.has(2)) return numberOf(value, 2) === 1n;
  if (value.has(3)) return Number(numberOf(value, 3));
  if (value.has(4)) return Buffer.from(BigUint64Array.of(numberOf(value, 4)).buffer).readDoubleLE();
  return messages(messages(value, 5)[0] ?? new Map(), 1).map(valueOf);
}

function attributesOf(pairs: Message[]): Record<string, unknown> {
  return Object.fromEntries(pairs.map((pair) => [textOf(pair, 1), valueOf(messages(pair, 2)[0] ?? new Map())]));
}

function spansIn(body: Buffer): ReceivedSpan[] {
  return messages(read(body), 1).flatMap((ofResource) => {
    const resource = attributesOf(messages(messages(ofResource, 1)[0] ?? new Map(), 1));
    const spans = messages(ofResource, 2).flatMap((ofScope) => messages(ofScope, 2));
    return spans.map((span): ReceivedSpan => {
      const kind = numberOf(span, 6);
      return {
        traceId: bytesOf(span, 1).toString('hex'),
        spanId: bytesOf(span, 2).toString('hex'),
        parentSpanId: bytesOf(span, 4).toString('hex'),
        name: textOf(span, 5),
        kind: kind === 2n ? 'server' : kind === 3n ? 'client' : 'other',
        start: numberOf(span, 7),
        end: numberOf(span, 8),
        attributes: attributesOf(messages(span, 9)),
        hasFailed: numberOf(messages(span, 15)[0] ?? new Map(), 3) === 2n,
        resource,
      };
    });
  });
}
