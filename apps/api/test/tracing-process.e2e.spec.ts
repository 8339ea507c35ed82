import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { dropTestDatabase } from '@maas/database/test-database';
import { freePorts } from './free-ports.js';
import { startOtlpReceiver } from './otlp-receiver.js';
import { call, chat, createEmptyDatabase, killAll, type MaasProcess, startMaas } from './process-maas.js';
import { eventually } from './streams.js';

let databaseUrl: string;
let dataDir: string;
/** Tells of each module of OpenTelemetry that a process loads; its plain API comes with the client for Prometheus. */
const tellTale = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({ load(url, context, next) {
    if (/@opentelemetry.(?!api.)/.test(url)) process.stderr.write('loaded ' + url + '\\n');
    return next(url, context);
  } });
`)}`;

beforeAll(async () => {
  databaseUrl = await createEmptyDatabase(process.env['MAAS_TEST_POSTGRES'] ?? '');
  dataDir = mkdtempSync(join(tmpdir(), 'maas-tracing-'));
});
afterEach(killAll);
afterAll(async () => {
  await dropTestDatabase(databaseUrl);
  await rm(dataDir, { recursive: true, force: true });
});

const start = (fields: Record<string, string>) =>
  startMaas({
    DATABASE_URL: databaseUrl,
    MAAS_DATA_DIR: dataDir,
    NODE_OPTIONS: `--import ${tellTale}`,
    ...fields,
  });

/** Asked by nobody who is known: refused, and traced. */
const ask = async (maas: MaasProcess) =>
  (await call(maas, '/v1/chat/completions', { token: 'nobody', body: chat() })).status;

async function end(maas: MaasProcess): Promise<number | null> {
  maas.signal('SIGTERM');
  return (await maas.ended).code;
}

describe('a process', () => {
  it('that is given no collector loads nothing of OpenTelemetry', async () => {
    const maas = await start({ METRICS_PORT: '0', LOG_REQUESTS: 'on' });
    expect(await ask(maas)).toBe(401);
    expect(await end(maas)).toBe(0);
    expect(maas.output()).not.toContain('opentelemetry');
  });

  it('that is given one, and told that it is disabled, neither', async () => {
    const maas = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_SDK_DISABLED: 'true' });
    expect(await ask(maas)).toBe(401);
    expect(await end(maas)).toBe(0);
    expect(maas.output()).not.toContain('opentelemetry');
  });

  it('sends what it has when it is told to end', async () => {
    const receiver = await startOtlpReceiver();
    // By itself it would not send anything within the hour.
    const settings = {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/v1/traces`,
      OTEL_BSP_SCHEDULE_DELAY: '3600000',
    };
    const maas = await start({ ...settings, OTEL_SERVICE_NAME: 'maas-test' });
    expect(await ask(maas)).toBe(401);
    expect(receiver.spans).toEqual([]);
    expect(await end(maas)).toBe(0);
    expect(maas.output()).toContain('loaded ');
    const refused = receiver.spans.filter(({ attributes }) => attributes['error.type'] === 'invalid_api_key');
    expect(refused.map(({ resource }) => resource['service.name'])).toEqual(['maas-test']);
    await receiver.close();
  });

  it('whose collector is away answers as ever, says so once, and ends in time', async () => {
    const [port] = await freePorts(1);
    const maas = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_TIMEOUT: '100',
      OTEL_BSP_SCHEDULE_DELAY: '20',
      OTEL_BSP_MAX_QUEUE_SIZE: '10',
    });
    const told = () => maas.output().match(/Traces cannot be sent to 127\.0\.0\.1/g)?.length ?? 0;
    while (told() === 0) expect(await ask(maas)).toBe(401);
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask(maas)));
    expect(new Set(answers)).toEqual(new Set([401]));
    expect(await end(maas)).toBe(0);
    expect(told()).toBe(1);
  });

  it('that settings are injected into which it cannot use starts, and says what is wrong with them, not what they are', async () => {
    const maas = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'pigeon',
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=secret%',
      OTEL_TRACES_SAMPLER: 'sometimes',
      OTEL_TRACES_SAMPLER_ARG: '2',
    });
    expect(await ask(maas)).toBe(401);
    expect(await end(maas)).toBe(0);
    for (const problem of [
      'OTEL_EXPORTER_OTLP_ENDPOINT is an http or https URL',
      'OTEL_EXPORTER_OTLP_PROTOCOL is one of http/protobuf, http/json, grpc',
      'OTEL_EXPORTER_OTLP_HEADERS is a list such as key=value,other=value, percent-encoded',
      'OTEL_TRACES_SAMPLER is one of ',
      'OTEL_TRACES_SAMPLER_ARG is a number from 0 to 1',
    ]) {
      expect(maas.output()).toContain(problem);
    }
    expect(maas.output()).not.toMatch(/secret%|pigeon|sometimes/);
  });

  it('that is told to speak gRPC, as an operator of a cluster does, starts and is traced over HTTP', async () => {
    const receiver = await startOtlpReceiver();
    const maas = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_BSP_SCHEDULE_DELAY: '20',
    });
    expect(await ask(maas)).toBe(401);
    await eventually(() => receiver.spans.length > 0, 'a span has come');
    expect(await end(maas)).toBe(0);
    expect(maas.output()).toContain('set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf');
    await receiver.close();
  });

  it('that several workers serve has the spans of each', async () => {
    const receiver = await startOtlpReceiver();
    const maas = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_SCHEDULE_DELAY: '20',
      WEB_CONCURRENCY: '2',
    });
    const instances = () => new Set(receiver.spans.map(({ resource }) => resource['service.instance.id']));
    await eventually(async () => (await ask(maas)) === 401 && instances().size === 2, 'both have sent spans');
    expect(await end(maas)).toBe(0);
    await receiver.close();
  });
});
