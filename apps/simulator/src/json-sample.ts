import { createRandom, integerBetween, pick, type Random } from './random.js';

export type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue };
type Schema = Record<string, unknown>;

interface Sampler {
  root: Schema;
  random: Random;
}

/** From this depth on only what a schema requires is made, and of several alternatives the one that is null. */
const SPARSE_DEPTH = 4;
/** A schema that requires itself without end gets null here. */
const DEEPEST = 24;
const WORDS = ['amber', 'birch', 'cedar', 'delta', 'ember', 'fjord', 'grove', 'harbor', 'island', 'juniper'] as const;

/** A JSON Schema format and a value that fits it. */
const FORMATS: Record<string, string> = {
  'date-time': '2025-01-31T12:00:00Z',
  date: '2025-01-31',
  time: '12:00:00Z',
  duration: 'PT15M',
  email: 'ada@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  uuid: '5f0c6f7e-3d0b-4f0a-9f43-1f2f5d6f7a81',
};

/**
 * A value that fits a JSON Schema, the same for the same seed.
 * Honoured: `type`, `const`, `enum`, `examples`, `default`, `properties`, `required`, `items`, `prefixItems`, the bounds
 * of lengths and numbers, `multipleOf`, `format`, `allOf`, `anyOf`, `oneOf` and `$ref` within the document.
 * Not honoured: `pattern`, `not`, conditions and dependencies.
 */
export function sampleJson(schema: unknown, seed: number): JsonValue {
  return sample({ root: asSchema(schema), random: createRandom(seed) }, asSchema(schema), 0);
}

function asSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {};
}

function numberOr<T>(value: unknown, otherwise: T): number | T {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}

/** The schema that `$ref` names by a JSON pointer (RFC 6901) into the same document. */
function dereference(sampler: Sampler, reference: string): Schema {
  let target: unknown = sampler.root;
  for (const step of reference.replace(/^#\/?/, '').split('/').filter(Boolean)) {
    target = asSchema(target)[step.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return asSchema(target);
}

function merge(base: Schema, parts: unknown[]): Schema {
  return parts.map(asSchema).reduce<Schema>(
    (all, part) => ({
      ...all,
      ...part,
      properties: { ...asSchema(all['properties']), ...asSchema(part['properties']) },
      required: [...asList(all['required']), ...asList(part['required'])],
    }),
    base,
  );
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isNullSchema(schema: unknown): boolean {
  return asSchema(schema)['type'] === 'null';
}

function sample(sampler: Sampler, schema: Schema, depth: number): JsonValue {
  if (depth > DEEPEST) return null;
  if (typeof schema['$ref'] === 'string') return sample(sampler, dereference(sampler, schema['$ref']), depth + 1);
  const given = [schema['const'], asList(schema['examples'])[0], schema['default']].find((v) => v !== undefined);
  if (given !== undefined) return given as JsonValue;
  const [member, ...members] = asList(schema['enum']) as JsonValue[];
  if (member !== undefined) return pick(sampler.random, [member, ...members]);

  const { allOf, anyOf, oneOf, ...rest } = schema;
  if (Array.isArray(allOf)) {
    const parts = allOf.map((part) => {
      const reference = asSchema(part)['$ref'];
      return typeof reference === 'string' ? dereference(sampler, reference) : part;
    });
    return sample(
      sampler,
      merge({ ...rest, ...(anyOf ? { anyOf } : {}), ...(oneOf ? { oneOf } : {}) }, parts),
      depth + 1,
    );
  }
  const alternatives = [...asList(anyOf), ...asList(oneOf)];
  if (alternatives.length > 0) {
    const ending = depth >= SPARSE_DEPTH ? alternatives.find(isNullSchema) : undefined;
    return sample(sampler, merge(rest, [ending ?? alternatives[0]]), depth + 1);
  }
  return sampleType(sampler, schema, depth);
}

/** The type a schema names, or the one that its other keywords are about. */
function typeOf(schema: Schema): unknown {
  const named = schema['type'];
  if (named !== undefined) return Array.isArray(named) ? named[0] : named;
  const properties = asSchema(schema['properties']);
  if (Object.keys(properties).length > 0 || asList(schema['required']).length > 0) return 'object';
  if (schema['items'] !== undefined || schema['prefixItems'] !== undefined) return 'array';
  return schema['minimum'] !== undefined || schema['maximum'] !== undefined ? 'number' : 'string';
}

function sampleType(sampler: Sampler, schema: Schema, depth: number): JsonValue {
  switch (typeOf(schema)) {
    case 'object':
      return sampleObject(sampler, schema, depth);
    case 'array':
      return sampleArray(sampler, schema, depth);
    case 'integer':
    case 'number':
      return sampleNumber(sampler, schema);
    case 'boolean':
      return sampler.random() < 0.5;
    case 'null':
      return null;
    default:
      return sampleString(sampler, schema);
  }
}

function sampleObject(sampler: Sampler, schema: Schema, depth: number): JsonValue {
  const properties = asSchema(schema['properties']);
  const required = asList(schema['required']).filter((name) => typeof name === 'string');
  const optional = depth < SPARSE_DEPTH ? Object.keys(properties) : [];
  const names = new Set([...optional, ...required]);
  return Object.fromEntries([...names].map((name) => [name, sample(sampler, asSchema(properties[name]), depth + 1)]));
}

function sampleArray(sampler: Sampler, schema: Schema, depth: number): JsonValue {
  const fixed = asList(schema['prefixItems']).map((item) => sample(sampler, asSchema(item), depth + 1));
  const least = numberOr(schema['minItems'], 0);
  const natural = depth < SPARSE_DEPTH && schema['items'] !== false ? integerBetween(sampler.random, 1, 3) : 0;
  const length = Math.min(Math.max(least, natural, fixed.length), numberOr(schema['maxItems'], Infinity));
  while (fixed.length < length) fixed.push(sample(sampler, asSchema(schema['items']), depth + 1));
  return fixed.slice(0, length);
}

function sampleNumber({ random }: Sampler, schema: Schema): number {
  const step = numberOr(schema['multipleOf'], typeOf(schema) === 'integer' ? 1 : 0.5);
  const above = numberOr(schema['exclusiveMinimum'], undefined);
  const below = numberOr(schema['exclusiveMaximum'], undefined);
  const low = above === undefined ? numberOr(schema['minimum'], undefined) : above + step / 2;
  const high = below === undefined ? numberOr(schema['maximum'], undefined) : below - step / 2;
  const from = Math.ceil((low ?? Math.min(1, high ?? 1)) / step);
  const to = Math.floor((high ?? (low ?? 1) + 99 * step) / step);
  // No multiple of the step lies between the bounds: only a number that is not an integer can still fit.
  return from <= to ? integerBetween(random, from, to) * step : ((low ?? 0) + (high ?? 0)) / 2;
}

function sampleString({ random }: Sampler, schema: Schema): string {
  const format = FORMATS[String(schema['format'])];
  if (format !== undefined) return format;
  let text = `${pick(random, WORDS)} ${pick(random, WORDS)}`;
  while (text.length < numberOr(schema['minLength'], 0)) text += ` ${pick(random, WORDS)}`;
  return text.slice(0, numberOr(schema['maxLength'], Infinity));
}
