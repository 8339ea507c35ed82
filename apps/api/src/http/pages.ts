import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PageFile, Pages } from './page-files.js';

/**
 * Serves the pages, where no route of the API answers: a page can never hide one. Precompressed siblings (`.br`, `.gz`) are
 * sent to browsers that take them.
 */
export async function servePages(server: FastifyInstance, { folder, files, notFound }: Pages): Promise<void> {
  await server.register(fastifyStatic, {
    root: folder,
    serve: false,
    preCompressed: true,
    cacheControl: false,
    index: false,
  });
  server.addHook('onRequest', (request, reply, done) => {
    if (!request.is404 || !isRead(request)) return done();
    const path = pathOf(request.url);
    const file = path === undefined ? undefined : files.get(path);
    if (file) return void send(reply, file);
    if (path !== undefined && isBesidePage(path, files)) return void redirectToPage(request, reply);
    if (notFound && asksForPage(request, path)) return void send(reply.status(404), notFound);
    done();
  });
}

function send(reply: FastifyReply, { path, headers }: PageFile): FastifyReply {
  return reply.headers(headers).sendFile(path);
}

/** `/tokens/` means `/tokens`; what is known to be a page can lead nowhere else. */
function isBesidePage(path: string, files: Pages['files']): boolean {
  return path.length > 1 && path.endsWith('/') && files.get(path.slice(0, -1))?.path.endsWith('.html') === true;
}

function redirectToPage(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const question = request.url.indexOf('?');
  const path = question < 0 ? request.url : request.url.slice(0, question);
  return reply.redirect(path.replace(/\/$/, '') + request.url.slice(path.length), 308);
}

function isRead({ method }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** Whether somebody looks for a page, rather than a program for an answer of the API. */
function asksForPage(request: FastifyRequest, path: string | undefined): boolean {
  if (path === undefined || !/\btext\/html\b/i.test(request.headers.accept ?? '')) return false;
  return !/^\/(?:maas-api|v1|docs|\.well-known|healthz|health|readyz|metrics|_next)(?:\/|$)/i.test(path);
}

/** The path of a URL, decoded; undefined when it is not to be read. */
function pathOf(url: string): string | undefined {
  try {
    return decodeURIComponent(url.replace(/[?#].*$/s, ''));
  } catch {
    return undefined;
  }
}
