import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type * as SchemaEngineModule from '@prisma/schema-engine-wasm/schema_engine_bg';
import type { SchemaEngine } from '@prisma/schema-engine-wasm';
import type { MigrationAdapterFactory } from './migration-adapter.js';

/** What we use of the global that Node has and TypeScript declares for browsers only. */
declare const WebAssembly: {
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: Record<string, unknown> } }>;
};

let loading: Promise<typeof SchemaEngineModule> | undefined;

/**
 * Prisma's schema engine as WebAssembly, the same code as the Prisma CLI's. It is loaded at the first use (5 MB) and
 * needs no network. The caller frees it.
 */
export async function openSchemaEngine(adapter: MigrationAdapterFactory): Promise<SchemaEngine> {
  loading ??= loadModule();
  const module = await loading;
  const ignoreLog = (): void => {};
  return module.SchemaEngine.new({ datamodels: undefined }, ignoreLog, bindMigrationAwareSqlAdapterFactory(adapter));
}

/** By hand, because `import … from "x.wasm"` prints a warning of Node's on every start. */
async function loadModule(): Promise<typeof SchemaEngineModule> {
  const path = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const module = (await import(pathToFileURL(path).href)) as typeof SchemaEngineModule;
  const bytes = await readFile(path.replace(/\.js$/, '.wasm'));
  const { instance } = await WebAssembly.instantiate(bytes, {
    './schema_engine_bg.js': withUnrefTimers(module),
  });
  const { exports } = instance;
  rememberPanics();
  module.__wbg_set_wasm(exports);
  (exports['__wbindgen_start'] as () => void)();
  return module;
}

/**
 * What the module gives to the engine, except that a timer of the engine's does not keep the process alive: it bounds
 * its wait for the advisory lock by 10 s, and never clears that timer when it has the lock.
 */
function withUnrefTimers(module: object): Record<string, unknown> {
  const imports: Record<string, unknown> = { ...module };
  for (const name of Object.keys(imports).filter((key) => key.startsWith('__wbg_setTimeout_'))) {
    imports[name] = (callback: () => void, ms: number) => setTimeout(callback, ms).unref();
  }
  return imports;
}

/** The engine hands the text of a panic to this global before it traps; without one the text is lost. */
function rememberPanics(): void {
  const registry = {
    set_message(message: string): void {
      throw new Error(`The schema engine failed: ${message}`);
    },
  };
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: registry });
}
