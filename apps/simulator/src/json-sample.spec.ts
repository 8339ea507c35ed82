import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { sampleJson } from './json-sample.js';

const schemas: Record<string, object> = {
  'every simple type': {
    type: 'object',
    properties: {
      name: { type: 'string', minLength: 3, maxLength: 8 },
      long: { type: 'string', minLength: 40 },
      age: { type: 'integer', minimum: 18, maximum: 21 },
      ratio: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 },
      hundreds: { type: 'integer', multipleOf: 100, minimum: 150 },
      negative: { type: 'number', maximum: -3 },
      thin: { type: 'number', minimum: 0.7, maximum: 0.8 },
      done: { type: 'boolean' },
      nothing: { type: 'null' },
      unit: { enum: ['celsius', 'fahrenheit'] },
      fixed: { const: 42 },
      either: { type: ['string', 'null'] },
    },
    required: ['name', 'age', 'missing'],
    additionalProperties: true,
  },
  'arrays with bounds': {
    type: 'array',
    minItems: 5,
    maxItems: 6,
    items: {
      type: 'array',
      prefixItems: [{ type: 'string' }, { type: 'integer' }],
      items: false,
      minItems: 2,
    },
  },
  formats: {
    type: 'object',
    properties: Object.fromEntries(
      ['date-time', 'date', 'email', 'uri', 'uuid', 'ipv4'].map((format) => [format, { type: 'string', format }]),
    ),
  },
  'alternatives and parts': {
    allOf: [
      { $ref: '#/$defs/named' },
      {
        type: 'object',
        properties: { size: { oneOf: [{ type: 'integer' }, { type: 'string' }] } },
        required: ['size'],
      },
    ],
    $defs: { named: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] } },
  },
  'a list that refers to itself': {
    $ref: '#/$defs/node',
    $defs: {
      node: {
        type: 'object',
        properties: {
          value: { type: 'integer' },
          next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] },
        },
        required: ['value', 'next'],
        additionalProperties: false,
      },
    },
  },
};

describe('sampleJson', () => {
  it.each(Object.entries(schemas))('makes values that fit %s, for every seed', (_, schema) => {
    const validator = z.fromJSONSchema(schema as z.core.JSONSchema.JSONSchema);
    for (let seed = 0; seed < 50; seed++) {
      expect(validator.safeParse(sampleJson(schema, seed))).toMatchObject({ success: true });
    }
  });

  it('differs with the seed and repeats for the same seed', () => {
    const schema = { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } } };
    expect(sampleJson(schema, 1)).toEqual(sampleJson(schema, 1));
    expect(sampleJson(schema, 1)).not.toEqual(sampleJson(schema, 2));
  });

  it.each([
    undefined,
    null,
    true,
    'text',
    [],
    { $ref: '#' },
    { type: 'object', required: ['a'], properties: { a: { $ref: '#' } } },
  ])('ends for a schema it can make nothing of: %j', (schema) => {
    expect(JSON.stringify(sampleJson(schema, 1))).toBeDefined();
  });
});
