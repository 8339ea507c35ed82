import { StandardSchemaValidationPipe } from '@nestjs/common';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { z } from 'zod';
import { sentenceOf } from '@maas/contracts/sentences';
import { ApiError } from './api-error.js';

z.config({ customError: sentenceOf });

/** Turns the first thing that is wrong into a 400 that names the field. */
function invalid(issues: readonly StandardSchemaV1.Issue[]): ApiError {
  const [issue] = issues;
  const path = [...(issue?.path ?? []), ...unknownKey(issue)]
    .map((segment) => String(typeof segment === 'object' ? segment.key : segment))
    .join('.');
  const message = issue?.message ?? 'The request is not valid';
  const wantsSubject = /^(?:must|is) /.test(message);
  if (!path)
    return new ApiError('invalid_request', { message: wantsSubject ? `The request body ${message}` : message });
  if (wantsSubject) return new ApiError('invalid_request', { message: `${path} ${message}`, param: path });
  return new ApiError('invalid_request', {
    message: message.includes(nameIn(path)) ? message : `${path}: ${message}`,
    param: path,
  });
}

/** What a message would name: of an entry of a list, the list. */
function nameIn(path: string): string {
  return path.split('.').findLast((segment) => !/^\d+$/.test(segment)) ?? path;
}

/** A field that is not known is named by zod beside the path, which is that of the object. */
function unknownKey(issue: StandardSchemaV1.Issue | undefined): string[] {
  const { keys } = (issue ?? {}) as { keys?: readonly string[] };
  return keys?.slice(0, 1) ?? [];
}

/**
 * Validates what a route takes by the schema that its parameter names, after the guards have run. A body that was
 * malformed arrives here as the error that reading it gave, so that authentication is always checked first.
 */
export class SchemaPipe extends StandardSchemaValidationPipe {
  constructor() {
    super({ exceptionFactory: invalid });
  }

  protected override validate<Value = unknown>(
    value: unknown,
    schema: StandardSchemaV1,
    options?: Record<string, unknown>,
  ): Promise<StandardSchemaV1.Result<Value>> | StandardSchemaV1.Result<Value> {
    if (value instanceof ApiError) throw value;
    // No body is an empty one.
    return super.validate<Value>(value ?? {}, schema, options);
  }

  // The body parser refuses such keys already; an error object must not be rewritten.
  protected override stripProtoKeys(): void {}
}

/** Validates by hand what no pipe sees. */
export async function validated<Output>(schema: StandardSchemaV1<unknown, Output>, value: unknown): Promise<Output> {
  if (value instanceof ApiError) throw value;
  const result = await schema['~standard'].validate(value ?? {});
  if (result.issues) throw invalid(result.issues);
  return result.value;
}
