/** The rooms, and who may import whom. ARCHITECTURE.md draws the picture. */
const room = (name) => `^apps/api/src/${name}/`;
const words = ['auth', 'tokens', 'tiers', 'models', 'proxy', 'usage'];
const plumbing = ['http', 'database', 'kubernetes'];

/** @param {string} name @param {string} comment @param {string | string[]} from @param {string | string[]} to */
const forbid = (name, comment, from, to) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: to },
});

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    forbid('libs-import-nothing-of-ours', 'Contracts and database stand alone.', '^libs/', '^apps/'),
    forbid(
      'dashboard-knows-the-contracts-alone',
      'The API is its only source, by HTTP.',
      '^apps/web/(app|components|lib)',
      ['^apps/(api|simulator)', '^libs/database'],
    ),
    forbid(
      'nothing-imports-the-dashboard',
      'It is served as files.',
      ['^apps/(api|simulator)/src', '^libs/'],
      '^apps/web',
    ),
    {
      name: 'contracts-run-in-the-browser',
      comment: 'The dashboard uses them too: nothing of Node.',
      severity: 'error',
      from: { path: '^libs/contracts' },
      to: { dependencyTypes: ['core'] },
    },
    forbid('contracts-know-no-database', 'Neither knows the other.', '^libs/contracts', '^libs/database'),
    forbid('database-knows-no-contracts', 'Neither knows the other.', '^libs/database', '^libs/contracts'),
    forbid('simulator-stands-alone', 'It stands for a backend of somebody else.', '^apps/simulator', [
      '^apps/api',
      '^libs/',
    ]),
    forbid('api-does-not-link-the-simulator', 'It is reached by HTTP.', '^apps/api/src', '^apps/simulator'),
    forbid(
      'nothing-imports-proxy',
      'The conductor knows the others, not they it.',
      words
        .filter((word) => word !== 'proxy')
        .concat(plumbing)
        .map(room),
      room('proxy'),
    ),
    ...['tokens', 'tiers', 'models', 'usage'].map((word) =>
      forbid(
        `${word}-knows-no-sibling`,
        'At request time a rule over two siblings belongs into proxy; at write time into a relation of the schema.',
        room(word),
        ['tokens', 'tiers', 'models', 'usage'].filter((other) => other !== word).map(room),
      ),
    ),
    forbid(
      'auth-knows-no-other-room',
      'Everybody needs auth.',
      room('auth'),
      ['tokens', 'tiers', 'models', 'usage'].map(room),
    ),
    forbid(
      'rooms-know-no-snapshot',
      'It puts them together, not they it.',
      [...words, ...plumbing].map(room),
      room('snapshot'),
    ),
    forbid(
      'nothing-imports-metrics',
      'It watches the others, and they do not know.',
      [...words, ...plumbing, 'snapshot', 'installation'].map(room),
      room('metrics'),
    ),
    forbid(
      'nothing-imports-tracing',
      'It follows requests by what proxy and metrics tell, and they do not know.',
      [...words, ...plumbing, 'snapshot', 'installation', 'metrics'].map(room),
      room('tracing'),
    ),
    {
      name: 'traces-are-loaded-where-they-are-wanted',
      comment:
        'OpenTelemetry costs memory and time at the start: it is loaded by tracing/tracing.service.ts alone, when asked for.',
      severity: 'error',
      from: { path: '^apps/api/src', pathNot: '^apps/api/src/tracing/' },
      to: { path: 'node_modules/@opentelemetry' },
    },
    forbid(
      'http-and-database-know-no-cluster',
      'Most installations have none.',
      [room('http'), room('database')],
      room('kubernetes'),
    ),
    forbid('plumbing-has-no-business-word', 'Plumbing knows no room.', plumbing.map(room), words.map(room)),
    {
      name: 'plain-files-are-plain',
      comment:
        'A file without a suffix of the framework is plain TypeScript: no Nest, no Fastify, no Prisma at run time.',
      severity: 'error',
      from: {
        path: [...words, 'metrics', 'tracing', 'kubernetes'].map(room),
        pathNot: '\\.(module|controller|guard|filter|strategy|service|decorator|provider|spec)\\.ts$',
      },
      to: { path: ['@nestjs', 'fastify', '@prisma', '^libs/database'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'only-config-reads-the-environment',
      comment: 'node:process is not imported; process.env is checked by review.',
      severity: 'error',
      from: { path: '^apps/api/src' },
      to: { path: '^(node:)?process$' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: ['/generated/', '\\.spec\\.ts$', '/test/'] },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'types'],
    },
  },
};
