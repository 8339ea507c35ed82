import { join } from 'node:path';
import type { NextConfig } from 'next';

const development = process.env.NODE_ENV === 'development';

/** Static files, served by the API on its own origin. In development, what is not a page is asked of a running API. */
const config: NextConfig = {
  // Rewrites need a server, which only development has.
  ...(development
    ? { rewrites: async () => ({ beforeFiles: [], afterFiles: [], fallback: [toApi('/:path*')] }) }
    : { output: 'export' as const }),
  images: { unoptimized: true },
  reactStrictMode: true,
  poweredByHeader: false,
  agentRules: false,
  turbopack: { root: join(import.meta.dirname, '../..') },
  // `npm run check` does it, for all workspaces at once.
  typescript: { ignoreBuildErrors: true },
  experimental: { optimizePackageImports: ['lucide-react', 'recharts'] },
};

function toApi(source: string) {
  return { source, destination: `${process.env['MAAS_API_URL'] ?? 'http://localhost:8080'}${source}` };
}

export default config;
