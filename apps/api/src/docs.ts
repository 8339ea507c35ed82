import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

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
  return SwaggerModule.createDocument(nest, settings);
}

/** Serves the description as JSON and as a readable page. */
export function setupDocs(nest: INestApplication): void {
  SwaggerModule.setup('docs', nest, () => describeApi(nest), { jsonDocumentUrl: 'docs/openapi.json' });
}
