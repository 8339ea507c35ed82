// A process that owns an embedded PostgreSQL, for tests that end such a process in unkind ways.
// Usage: node embedded-postgres-owner.mjs <data folder>. Prints one line of JSON when the server is ready, and stays.
import { registerHooks } from 'node:module';

// Node strips the types of the sources by itself; only the names of the files differ from those that are imported.
registerHooks({
  resolve(specifier, context, nextResolve) {
    const isSource = specifier.startsWith('.') && context.parentURL?.endsWith('.ts');
    return nextResolve(isSource ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
});

const { startEmbeddedPostgres } = await import('../src/embedded-postgres.ts');
const [dataDir] = process.argv.slice(2);
const { url, pid } = await startEmbeddedPostgres({ dataDir, durable: false });
console.log(JSON.stringify({ url, pid }));
process.stdin.resume();
