import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../config.js';
import { tracerSettings } from './tracer-settings.js';

const settings = (environment: Record<string, string>) => tracerSettings(readConfig(environment), '1.2.3');

describe('traces go', () => {
  it('nowhere as installed, or when they are disabled', () => {
    expect(settings({})).toBeUndefined();
    expect(settings({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_SDK_DISABLED: 'true' })).toBeUndefined();
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
