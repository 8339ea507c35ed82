import { z } from 'zod';
import { Discovery } from './cluster.js';
import { line } from './one-line.js';
import { Instant, PageQuery, searchFor } from './paging.js';
import { ReadVersion } from './version.js';
import { TierName } from './tiers.js';

const modelIdGrammar = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/;

/** First segments of our own routes and of the dashboard's pages, which no model may hide. */
export const reservedSegments = new Set([
  'maas-api', 'v1', 'healthz', 'readyz', 'health', 'metrics', 'docs', 'setup', 'login', 'logout', 'sign-in', 'sign-out',
  'session', 'sessions', 'tokens', 'models', 'playground', 'usage', 'settings', 'account', 'admin', 'dashboard', 'assets',
  '_next', '_not-found', 'auth', 'api', '.well-known', 'index.html', 'index.txt', '404', '404.html', '500', 'favicon.ico',
  'icon.svg', 'icon.png', 'apple-icon.png', 'robots.txt', 'manifest.webmanifest', 'sitemap.xml',
]); // prettier-ignore

/** Says whether these exact bytes can be a model's id: the grammar, and no `.` or `..` segment. */
export function isModelId(id: string): boolean {
  return (
    modelIdGrammar.test(id) && id.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..')
  );
}

/** The id of a model, as clients write it in the body and in the path. */
export const ModelId = z
  .string()
  .refine(isModelId, 'id must match [A-Za-z0-9][A-Za-z0-9._:/-]{0,127}, without empty, "." or ".." segments')
  .refine((id) => !reservedSegments.has(id.split('/')[0]?.toLowerCase() ?? ''), 'id would hide a page or route')
  .refine((id) => !id.split('/').includes('v1'), 'id must not contain the segment "v1"')
  .meta({ example: 'simulator' });

/** A model as `GET /v1/models` lists it: OpenAI's fields, the guide's, and what clients need to choose one. */
export const ListedModel = z
  .object({
    id: z.string(),
    object: z.literal('model'),
    created: z.int().meta({ description: 'Unix seconds.' }),
    owned_by: z.string(),
    name: z.string(),
    url: z.string().meta({ description: 'Where chat completions are posted: {origin}/{id}/v1/chat/completions.' }),
    tier: z.string().nullable().meta({ description: 'The lowest tier that may use it.' }),
    ready: z.boolean(),
    description: z.string().optional(),
    context_window: z.int().optional(),
    capabilities: z.array(z.string()).optional(),
    base_url: z.string().meta({ description: 'The base URL for an OpenAI SDK: {origin}/{id}/v1.' }),
  })
  .meta({ id: 'ListedModel' });
export type ListedModel = z.infer<typeof ListedModel>;

export const ModelList = z.object({ object: z.literal('list'), data: z.array(ListedModel) }).meta({ id: 'ModelList' });
export type ModelList = z.infer<typeof ModelList>;

/** Where a model is served. http or https, no user information, no query and no fragment. */
export const BackendUrl = z
  .string()
  .max(2048)
  .transform((text, context) => {
    const url = URL.parse(text);
    if (!url || !['http:', 'https:'].includes(url.protocol) || url.username || url.password) {
      context.addIssue({ code: 'custom', message: 'url must be an http or https URL without user information' });
      return z.NEVER;
    }
    if (url.search || url.hash) {
      context.addIssue({ code: 'custom', message: 'url must have no query and no fragment' });
      return z.NEVER;
    }
    const path = url.pathname.replace(/\/+$/, '');
    return `${url.origin}${path === '' ? '/v1' : path}`;
  })
  .meta({
    description: 'The base URL of an OpenAI-compatible server; without a path, `/v1` is appended.',
    example: 'http://vllm.models.svc:8000/v1',
  });

const backendFields = {
  url: BackendUrl,
  upstreamModel: z
    .string()
    .min(1)
    .max(256)
    .nullable()
    .meta({ description: 'The name of the model at the backend, where it differs.' }),
  weight: z.int().min(0).max(1000),
  enabled: z.boolean(),
};

/** Sent as `Authorization: Bearer …` to the backend; write-only. Characters that a header cannot carry are refused. */
const Credential = z
  .string()
  .min(1)
  .max(8192)
  .regex(/^[\x21-\x7e]+$/, 'credential must be printable ASCII without spaces')
  .nullable()
  .meta({ description: 'Write-only. null removes it.', writeOnly: true });

/** How a backend stands, as the process that answers sees it: health is not shared between processes. */
export const BackendHealth = z
  .object({
    state: z.enum(['closed', 'open', 'half-open']).meta({
      description: 'Its circuit breaker: closed takes requests, open takes none, half-open takes one as a trial.',
    }),
    since: Instant,
    lastError: z.string().optional().meta({
      description: 'The kind of its last trouble, such as `connect`, `timeout` or `status 500`.',
      example: 'connect',
    }),
    outstanding: z.int().min(0).meta({ description: 'Requests under way there.' }),
  })
  .meta({ id: 'BackendHealth' });
export type BackendHealth = z.infer<typeof BackendHealth>;

export const Backend = z
  .object({
    object: z.literal('backend'),
    id: z.uuid(),
    ...backendFields,
    url: z.string(),
    state: z.enum(['enabled', 'draining', 'disabled']).meta({
      description:
        'enabled takes requests; draining takes none, and some are still under way in the process that answers; disabled is empty. Follows from `enabled`, `weight` and `health.outstanding`.',
    }),
    hasCredential: z.boolean(),
    bundled: z.boolean(),
    health: BackendHealth,
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'Backend' });
export type Backend = z.infer<typeof Backend>;

export const CreateBackend = z
  .strictObject({
    ...backendFields,
    upstreamModel: backendFields.upstreamModel.default(null),
    weight: backendFields.weight.default(1),
    enabled: backendFields.enabled.default(true),
    credential: Credential.optional(),
  })
  .meta({ id: 'CreateBackend' });
export type CreateBackend = z.infer<typeof CreateBackend>;

export const UpdateBackend = z
  .strictObject({ ...backendFields, credential: Credential })
  .partial()
  .meta({ id: 'UpdateBackend' });
export type UpdateBackend = z.infer<typeof UpdateBackend>;

/** Whether the requests of a conversation go to the same backend. */
export const SessionAffinity = z.enum(['none', 'conversation']);
export type SessionAffinity = z.infer<typeof SessionAffinity>;

const modelFields = {
  name: line(200),
  description: z.string().max(2000).nullable(),
  ownedBy: line(100),
  contextWindow: z.int().min(1).max(100_000_000).nullable(),
  maxOutputTokens: z
    .int()
    .min(1)
    .max(100_000_000)
    .nullable()
    .meta({ description: 'The largest answer; reserved for a request that names no maximum.' }),
  capabilities: z.array(line(100)).max(100),
  sessionAffinity: SessionAffinity.meta({
    description:
      'conversation: requests of one conversation go to the same backend while that takes requests and is not much busier than the others, for backends that cache prefixes. A conversation is told by the header x-session-id, the body’s prompt_cache_key, or how it began.',
  }),
  enabled: z.boolean(),
  tiers: z.array(TierName).max(1000).meta({ description: 'The tiers that may use it.' }),
};

export const Model = z
  .object({
    object: z.literal('model'),
    id: z.string(),
    ...modelFields,
    tiers: z.array(z.string()),
    ready: z.boolean(),
    backends: z.array(Backend),
    discovery: Discovery.nullable().meta({
      description: 'The object of the cluster that the model follows, which alone changes it; null: kept here.',
    }),
    version: z.int(),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'Model' });
export type Model = z.infer<typeof Model>;

export const CreateModel = z
  .strictObject({
    id: ModelId,
    ...modelFields,
    description: modelFields.description.default(null),
    ownedBy: modelFields.ownedBy.default('maas'),
    contextWindow: modelFields.contextWindow.default(null),
    maxOutputTokens: modelFields.maxOutputTokens.default(null),
    capabilities: modelFields.capabilities.default([]),
    sessionAffinity: modelFields.sessionAffinity.default('none'),
    enabled: modelFields.enabled.default(true),
    tiers: modelFields.tiers.default([]),
    backends: z.array(CreateBackend).max(100).default([]),
  })
  .meta({ id: 'CreateModel' });
export type CreateModel = z.infer<typeof CreateModel>;

export const UpdateModel = z
  .strictObject(modelFields)
  .partial()
  .extend({
    version: ReadVersion,
  })
  .meta({ id: 'UpdateModel' });
export type UpdateModel = z.infer<typeof UpdateModel>;

export const ModelQuery = PageQuery.extend({
  search: searchFor('the id or the name'),
  enabled: z.stringbool().optional(),
  tier: z.string().max(128).optional().meta({ description: 'Open to this tier.' }),
});
export type ModelQuery = z.infer<typeof ModelQuery>;

/** A backend that is not registered yet, to be tried. */
export const TestBackend = z
  .strictObject({
    url: BackendUrl,
    credential: Credential.optional(),
    upstreamModel: backendFields.upstreamModel.optional(),
  })
  .meta({ id: 'TestBackend' });
export type TestBackend = z.infer<typeof TestBackend>;
