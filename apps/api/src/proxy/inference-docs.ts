import { z } from 'zod';
import {
  ChatCompletionRequest,
  CompletionRequest,
  EmbeddingRequest,
  MessageRequest,
  ResponseRequest,
} from '@maas/contracts/inference';
import type { OpenAPIObject } from '@nestjs/swagger';

type Paths = OpenAPIObject['paths'];
type Operation = NonNullable<Paths[string]['post']>;
type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

const endpoints = [
  { endpoint: 'chat/completions', summary: 'Complete a chat', request: ChatCompletionRequest },
  { endpoint: 'completions', summary: 'Complete a text', request: CompletionRequest },
  { endpoint: 'embeddings', summary: 'Embed text', request: EmbeddingRequest },
  { endpoint: 'responses', summary: 'Create a response', request: ResponseRequest },
  { endpoint: 'messages', summary: 'Create a message, as Anthropic’s clients do', request: MessageRequest },
];

const modelInPath = {
  name: 'model',
  in: 'path',
  required: true,
  schema: { type: 'string' },
  description: 'The model’s id.',
} as const;

const sessionId = {
  name: 'x-session-id',
  in: 'header',
  required: false,
  schema: { type: 'string' },
  description: 'What belongs together: requests with the same one go to the same backend, where the model says so.',
} as const;

/** The paths of the data plane, for the OpenAPI document. */
export function inferencePaths(): Paths {
  const paths: Paths = {};
  for (const { endpoint, summary, request } of endpoints) {
    const post = operation(endpoint, summary, nameOf(request));
    paths[`/v1/${endpoint}`] = { post };
    paths[`/{model}/v1/${endpoint}`] = {
      parameters: [modelInPath],
      post: { ...post, operationId: `${post.operationId}_ofModel` },
      head: {
        tags: ['inference'],
        operationId: `${post.operationId}_limits`,
        summary: 'How your limits stand, in the headers; counts nothing',
        security: post.security ?? [],
        responses: { 200: { description: 'x-ratelimit-limit, -remaining and -reset, for requests and tokens.' } },
      },
    };
  }
  return paths;
}

/** The schemas that those paths name. */
export function inferenceSchemas(): Schemas {
  return Object.fromEntries(
    endpoints.map(({ request }) => {
      const { $schema: _, ...schema } = z.toJSONSchema(request, { target: 'openapi-3.0', io: 'input' });
      return [nameOf(request), schema as Schemas[string]];
    }),
  );
}

function operation(endpoint: string, summary: string, schema: string): Operation {
  const error = (description: string) => ({
    description,
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  });
  return {
    tags: ['inference'],
    operationId: `inference_${endpoint.replace('/', '_')}`,
    summary,
    parameters: [sessionId],
    security: [{ access: [] }],
    requestBody: {
      required: true,
      content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } },
    },
    responses: {
      200: {
        description: 'The backend’s answer, as it is. Every answer says in x-ratelimit-* how your limits stand.',
        content: {
          'application/json': { schema: { type: 'object' } },
          'text/event-stream': { schema: { type: 'string' } },
        },
      },
      400: error('The request is not valid.'),
      401: error('No access token, or not a valid one.'),
      403: error('The model is for other tiers, or you have no tier.'),
      404: error('There is no such model.'),
      413: error('The body is too large.'),
      415: error('The body is compressed.'),
      429: error('A limit of your tier; retry-after says when to try again.'),
      502: error('The backend failed.'),
      503: error('No backend can be reached; retry-after says when to try again.'),
      504: error('The backend did not answer in time.'),
    },
  };
}

function nameOf(schema: z.ZodType): string {
  return schema.meta()?.id ?? '';
}
