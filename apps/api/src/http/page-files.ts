import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '../config.js';
import { contentSecurityPolicy, inlineScriptHashes } from './content-security-policy.js';

/** A file of the dashboard, and the headers that it is served with. */
export interface PageFile {
  /** Within the folder, with slashes. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Pages {
  readonly folder: string;
  /** By the path of the URL, decoded. */
  readonly files: ReadonlyMap<string, PageFile>;
  /** What a browser is shown that asks for a page which is not there. */
  readonly notFound: PageFile | undefined;
}

/** Both `src/http` and `dist/http` are two folders below the package. */
const api = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** The folder of the dashboard's export; undefined where it is not built. */
export function pagesFolder({ DASHBOARD_DIR }: { readonly DASHBOARD_DIR?: string | undefined }): string | undefined {
  if (DASHBOARD_DIR !== undefined) {
    if (existsSync(join(DASHBOARD_DIR, 'index.html'))) return DASHBOARD_DIR;
    throw new ConfigError('DASHBOARD_DIR names a folder without an index.html: build the dashboard, or unset it');
  }
  const exported = join(api, '../web/out');
  return existsSync(join(exported, 'index.html')) ? exported : undefined;
}

/**
 * Lists the files once, at the start: no path can lead out of their folder, and what each page may run is known.
 * `tokens.html` and `tokens/index.html` are the page `/tokens`.
 */
export async function readPages(folder: string): Promise<Pages> {
  const files = new Map<string, PageFile>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || isCompressed(entry.name)) continue;
    const path = join(entry.parentPath, entry.name).slice(folder.length).split(sep).filter(Boolean).join('/');
    const file = path.endsWith('.html') ? await page(folder, path) : { path, headers: cachingOf(path) };
    files.set(`/${path}`, file);
    if (path.endsWith('.html')) files.set(pagePath(path), file);
  }
  return { folder, files, notFound: files.get('/404.html') };
}

async function page(folder: string, path: string): Promise<PageFile> {
  const hashes = inlineScriptHashes(await readFile(join(folder, path), 'utf8'));
  return { path, headers: { ...cachingOf(path), 'content-security-policy': contentSecurityPolicy(hashes) } };
}

/** Of a page's file: `index.html` is `/`, `tokens.html` and `tokens/index.html` are `/tokens`. */
function pagePath(path: string): string {
  return `/${path.replace(/\.html$/, '')}`.replace(/\/index$/, '') || '/';
}

/** The names of files below `_next/static` change with what they hold; of the others a browser asks whether they changed. */
function cachingOf(path: string): Record<string, string> {
  const immutable = path.startsWith('_next/static/');
  return { 'cache-control': immutable ? 'public, max-age=31536000, immutable' : 'no-cache' };
}

/** Served in place of the file beside it, never by its own name. */
function isCompressed(name: string): boolean {
  return name.endsWith('.br') || name.endsWith('.gz');
}
