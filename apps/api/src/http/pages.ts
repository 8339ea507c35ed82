import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** Both `src/http` and `dist/http` are two folders below the package. */
const folder = join(dirname(fileURLToPath(import.meta.url)), '../../public');

/** Serves the pages: known files only, listed once at the start, so that no path can lead out of their folder. */
export async function servePages(server: FastifyInstance): Promise<void> {
  await server.register(fastifyStatic, {
    root: folder,
    wildcard: false,
    decorateReply: false,
    cacheControl: false,
  });
}
