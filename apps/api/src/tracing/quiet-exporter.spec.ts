import { expect, it } from '@jest/globals';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { QuietExporter } from './quiet-exporter.js';

function stand() {
  const lines: string[] = [];
  let result: ExportResult = { code: ExportResultCode.SUCCESS };
  const inner: SpanExporter = { export: (_spans, done) => done(result), shutdown: () => Promise.resolve() };
  const say = (line: string) => void lines.push(line);
  const exporter = new QuietExporter(inner, 'collector:4318', { warn: say, log: say });
  const results: ExportResult[] = [];
  const send = (next: ExportResult, count = 2) => {
    result = next;
    exporter.export(Array.from<ReadableSpan>({ length: count }), (told) => results.push(told));
  };
  return { lines, results, send };
}

const refused = Object.assign(new Error('connect to a secret place'), { code: 'ECONNREFUSED' });

it('a collector that is away is told of once, and once when it is back, with what was dropped', () => {
  const { lines, results, send } = stand();
  for (let time = 0; time < 3; time += 1) send({ code: ExportResultCode.FAILED, error: refused });
  send({ code: ExportResultCode.SUCCESS });
  send({ code: ExportResultCode.SUCCESS });
  expect(lines).toEqual([
    'Traces cannot be sent to collector:4318 (ECONNREFUSED); spans are dropped until they can be',
    'Traces are sent to collector:4318 again; 6 spans or more were dropped',
  ]);
  expect(results.every(({ code }) => code === ExportResultCode.SUCCESS)).toBe(true);
});

it('each time that it goes away is told of', () => {
  const { lines, send } = stand();
  for (let time = 0; time < 2; time += 1) {
    send({ code: ExportResultCode.FAILED, error: refused });
    send({ code: ExportResultCode.SUCCESS });
  }
  expect(lines).toHaveLength(4);
});
