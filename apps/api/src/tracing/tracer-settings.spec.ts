import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../config.js';
import { tracerSettings, tracingWarnings } from './tracer-settings.js';

const settings = (environment: Record<string, string>) => tracerSettings(readConfig(environment), '1.2.3');

describe('traces go', () => {
  it('nowhere as installed, or when they are disabled', () => {
    expect(settings({})).toBeUndefined();
    expect(settings({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_SDK_DISABLED: 'true' })).toBeUndefined();
    expect(settings({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_SDK_DISABLED: 'TRUE' })).toBeUndefined();
    expect(settings({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_TRACES_EXPORTER: 'none' })).toBeUndefined();
  });

  it.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, 'http://c:4318/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c/base/' }, 'https://c/base/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://c/own' }, 'https://c/own'],
    [
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://c/own', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' },
      'https://c/own',
    ],
  ])('by %j to %s', (environment, url) => expect(settings(environment)?.url).toBe(url));
});

it('a process says what it is, and is called as the operator says', () => {
  const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://c:4318';
  const resource = (more: object) => settings({ OTEL_EXPORTER_OTLP_ENDPOINT, ...more })?.resource;
  expect(resource({})).toMatchObject({ 'service.name': 'maas', 'service.version': '1.2.3', 'maas.role': 'all' });
  const OTEL_RESOURCE_ATTRIBUTES = 'service.name=one, team=a%2Cb';
  expect(resource({ OTEL_RESOURCE_ATTRIBUTES })).toMatchObject({ 'service.name': 'one', team: 'a,b' });
  expect(resource({ OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME: 'two' })).toMatchObject({ 'service.name': 'two' });
});

describe('what is injected for a protocol that is not spoken', () => {
  const told = (environment: Record<string, string>) => tracingWarnings(readConfig(environment));

  it.each([
    ['http://c:4317', 'http://c:4318/v1/traces'],
    ['https://c:4317/', 'https://c:4318/v1/traces'],
    // Of a collector that listens elsewhere, only its operator knows where it takes HTTP.
    ['http://c:55690', 'http://c:55690/v1/traces'],
  ])('grpc at %s: traces go to %s, with a warning that says what to set', (OTEL_EXPORTER_OTLP_ENDPOINT, url) => {
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
    expect(settings(environment)?.url).toBe(url);
    expect(told(environment)).toEqual([
      expect.stringMatching(/is grpc.*set OTEL_EXPORTER_OTLP_PROTOCOL=http\/protobuf/),
    ]);
  });

  it('for traces alone counts before the one for all', () => {
    const all = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
    const own = {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:4318/own',
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
    };
    expect(settings({ ...all, ...own })?.url).toBe('http://c:4318/own');
    expect(told({ ...all, ...own })).toEqual([]);
    const grpc = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:4317', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc' };
    expect(settings(grpc)?.url).toBe('http://c:4318/v1/traces');
    expect(told(grpc)).toEqual([expect.stringContaining('set OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/protobuf')]);
  });

  it('http/json: the same collector takes protobuf at the same address', () => {
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };
    expect(settings(environment)?.url).toBe('http://c:4318/v1/traces');
    expect(told(environment)).toEqual([expect.stringContaining('http/json: traces are sent as http/protobuf')]);
  });

  it('what nobody knows: the default, with a warning that has not the value', () => {
    const environment = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'pigeon',
      OTEL_TRACES_SAMPLER: 'parentbased_jaeger_remote',
      OTEL_TRACES_SAMPLER_ARG: 'endpoint=http://jaeger:14250',
    };
    expect(settings(environment)).toMatchObject({ sampler: 'parentbased_always_on', ratio: 1 });
    expect(settings(environment)?.url).toBe('http://c:4318/v1/traces');
    const warnings = told(environment);
    expect(warnings.map((warning) => warning.split(' ')[0])).toEqual([
      'OTEL_EXPORTER_OTLP_PROTOCOL',
      'OTEL_TRACES_SAMPLER',
      'OTEL_TRACES_SAMPLER_ARG',
    ]);
    expect(warnings.join()).not.toMatch(/pigeon|jaeger/);
    expect(told({ ...environment, OTEL_SDK_DISABLED: 'true' })).toEqual([]);
  });
});
