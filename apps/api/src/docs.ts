import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { inferencePaths, inferenceSchemas } from './proxy/inference-docs.js';

/** Describes the whole API by the schemas that it is built with. */
export function describeApi(nest: INestApplication): OpenAPIObject {
  const settings = new DocumentBuilder()
    .setTitle('MaaS')
    .setDescription('Models as a service: access tokens, models, limits, usage and OpenAI-compatible inference.')
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An identity token.' }, 'identity')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An access token.' }, 'access')
    .build();
  const document = SwaggerModule.createDocument(nest, settings, { operationIdFactory: operationId });
  uniqueOperationIds(document);
  // Inference is served outside the framework, which therefore does not know of it.
  document.paths = { ...inferencePaths(), ...document.paths };
  document.components = { ...document.components, schemas: { ...document.components?.schemas, ...inferenceSchemas() } };
  return document;
}

function operationId(controller: string, method: string): string {
  return `${controller.replace('Controller', '')}_${method}`;
}

/** A route that has two paths would have one id with an index for each. */
function uniqueOperationIds(document: OpenAPIObject): void {
  for (const item of Object.values(document.paths)) {
    for (const operation of Object.values(item) as { operationId?: string }[]) {
      if (operation.operationId === undefined) continue;
      operation.operationId = operation.operationId.replace(/\[0\]$/, '').replace(/\[(\d+)\]$/, '_alias$1');
    }
  }
}

/** Serves the description as JSON and as a readable page. */
export function setupDocs(nest: INestApplication): void {
  SwaggerModule.setup('docs', nest, () => describeApi(nest), {
    jsonDocumentUrl: 'docs/openapi.json',
    customSiteTitle: 'MaaS API',
    customCss: '.swagger-ui .topbar { display: none }',
    swaggerOptions: { docExpansion: 'list', persistAuthorization: false },
  });
}
