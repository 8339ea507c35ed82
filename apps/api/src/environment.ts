import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { MINIMUM_TOKEN_SECONDS } from '@maas/contracts/tokens';
import { otelEnvironment } from './otel-environment.js';
import {
  access,
  bytes,
  count,
  duration,
  durationFrom,
  isCidr,
  isNamespace,
  isNetwork,
  isObjectName,
  lifetime,
  list,
  LONGEST_LIFETIME,
  MIB,
  oneOf,
  port,
  providerUrl,
  timeout,
  wholeNumber,
} from './setting-kinds.js';

/**
 * The settings, all of them environment variables. A variable with the suffix `_FILE` names a file that holds the value,
 * for secrets that are mounted.
 */
export const Environment = z.object({
  MAAS_ROLE: oneOf(['all', 'gateway', 'api']).default('all').meta({
    description: '`gateway`: inference, the list of models and the dashboard’s files. `api`: all but inference.',
  }),
  PORT: port.default(8080).meta({ description: 'The port of the API, the gateway and the dashboard.' }),
  HOST: z
    .string()
    .default('0.0.0.0')
    .meta({ description: 'The address to listen on. 0.0.0.0: all that this machine has.' }),
  METRICS_PORT: port
    .optional()
    .meta({ description: 'The port of /metrics, /livez and /readyz. Absent: none, and nothing is counted.' }),
  METRICS_HOST: z.string().optional().meta({ description: 'The address of that port. Absent: HOST.' }),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'is an http or https URL' })
    .refine((url) => /^[^?#@]*$/.test(url), 'is a URL without user information, query and fragment')
    .transform((url) => url.replace(/\/+$/, ''))
    .optional()
    .meta({
      description: 'The origin that people use. Absent: taken from each request’s Host.',
      examples: ['https://maas.example.com'],
    }),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'is a postgres:// URL' })
    .optional()
    .meta({
      description: 'PostgreSQL. Absent: an embedded one in MAAS_DATA_DIR.',
      examples: ['postgres://maas:secret@db.example.com:5432/maas'],
    }),
  MAAS_DATA_DIR: z
    .string()
    .default('.data')
    .transform((path) => resolve(path))
    .meta({ description: 'Where keys, the usage journal and the embedded database are kept.' }),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, error: 'is a redis:// or rediss:// URL' })
    .optional()
    .meta({
      description: 'Redis, for limits that several processes share.',
      examples: ['redis://redis.example.com:6379'],
    }),
  LIMITS: oneOf(['process', 'postgres', 'redis']).optional().meta({
    description:
      'Where limits are counted. Absent: in Redis with REDIS_URL, in PostgreSQL with DATABASE_URL or WEB_CONCURRENCY, else in the process.',
  }),
  LIMITS_WHEN_UNAVAILABLE: oneOf(['strict', 'share', 'open'])
    .default('share')
    .meta({ description: 'While limits cannot be counted together: refuse, grant each process a share, or let pass.' }),
  LIMITS_TIMEOUT: durationFrom('10ms', '10s').optional().meta({
    description:
      'How long a request waits for the shared store of limits. Absent: 50ms for Redis, 150ms for PostgreSQL.',
  }),
  LIMITS_HOLD: duration('45s', '10m').meta({
    description: 'After so long, what a process that was killed had set aside is free again.',
  }),
  MAAS_MAX_PROCESSES: count.optional().meta({
    description:
      'The most processes that run at once; what a share is a part of. Absent: 4, or twice WEB_CONCURRENCY where that is more.',
  }),
  WEB_CONCURRENCY: z
    .string()
    .default('1')
    .transform((text) => (text.trim() === 'auto' ? availableParallelism() : Number(text)))
    .refine((workers) => Number.isInteger(workers) && workers >= 1 && workers <= 256, {
      error: 'is a number of processes from 1 to 256, or "auto": one for each core',
    })
    .meta({ description: 'How many processes share the port; `auto`: one for each core.' }),
  MAX_CONNECTIONS: count
    .default(16_384)
    .meta({ description: 'Connections of clients at once; more are closed as they come.' }),
  CLIENT_HEADERS_TIMEOUT: timeout('20s').meta({ description: 'Until the headers of a request have come.' }),
  CLIENT_REQUEST_TIMEOUT: timeout('120s').meta({ description: 'Until the whole of a request has come.' }),
  CLIENT_STALL_TIMEOUT: timeout('60s').meta({
    description:
      'A client that takes nothing of its answer for so long is cut off, at the latest after twice as long; what was produced is metered.',
  }),
  MAX_INFLIGHT_REQUESTS: count
    .default(10_000)
    .meta({ description: 'Inference requests at once; more are refused with 503.' }),
  MAX_INFLIGHT_BYTES: bytes.optional().meta({
    description: 'Bytes of request bodies at once; more are refused with 503. Absent: an eighth of the heap.',
  }),
  MAX_EVENT_LOOP_DELAY: timeout('1s').meta({
    description: 'While the event loop is late by more for three seconds, inference is refused with 503.',
  }),
  MAAS_DEMO_PASSWORD: z
    .string()
    .min(8, 'has at least 8 characters')
    .optional()
    .meta({ description: 'Embedded database only: the password of the demo accounts. Absent: random, printed once.' }),
  SIMULATOR_URL: z
    .url({ protocol: /^https?$/, error: 'is an http or https URL' })
    .optional()
    .meta({ description: 'The model simulator that answers for the first models. `npm start` sets it.' }),
  TLS_CERT_FILE: z.string().optional().meta({ description: 'PEM certificate chain: serves HTTPS.' }),
  TLS_KEY_FILE: z.string().optional().meta({ description: 'PEM private key of the certificate.' }),
  LOG_LEVEL: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .meta({ description: 'How much is logged.' }),
  LOG_REQUESTS: oneOf(['on', 'off'])
    .default('off')
    .meta({ description: 'A line of JSON for each request. Never what was asked or answered, nor a credential.' }),
  TOKEN_MAX_LIFETIME: durationFrom(`${MINIMUM_TOKEN_SECONDS / 60}m`, LONGEST_LIFETIME)
    .prefault('30d')
    .meta({ description: 'The longest lifetime of an access token, at least 10 minutes.' }),
  IDENTITY_LIFETIME: lifetime('12h').meta({ description: 'How long a local sign-in lasts.' }),
  SESSION_IDLE_TIMEOUT: lifetime('30m').meta({ description: 'How long a browser stays signed in without a request.' }),
  SESSION_LIFETIME: lifetime('12h').meta({ description: 'How long a browser stays signed in at most.' }),
  SIGNING_KEYS_FILE: z
    .string()
    .optional()
    .meta({ description: 'JWK set with the Ed25519 keys that sign tokens. Absent: made in MAAS_DATA_DIR.' }),
  ENCRYPTION_KEY: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,32}:[A-Za-z0-9+/]{43}=(,[A-Za-z0-9._-]{1,32}:[A-Za-z0-9+/]{43}=)*$/, {
      error: 'is a list of id:key, each key 32 bytes in base64; the first encrypts, all decrypt',
    })
    .optional()
    .meta({ description: 'Seals backend credentials (AES-256-GCM). Absent: made in MAAS_DATA_DIR.' }),
  ADMIN_GROUPS: list.meta({ description: 'Groups whose members are administrators.' }),
  KUBERNETES_AUTH: z
    .string()
    .default('off')
    .meta({ description: '`off`, `in-cluster`, or the path of a kubeconfig: accept tokens by TokenReview.' }),
  KUBERNETES_AUDIENCES: list.meta({ description: 'Audiences that a Kubernetes token must be for. Absent: any.' }),
  KUBERNETES_CLUSTER: z.string().optional().meta({
    description:
      '`in-cluster`, or the path of a kubeconfig: where models and tiers are looked for. Absent: as KUBERNETES_AUTH, or in-cluster.',
  }),
  KSERVE_DISCOVERY: z.stringbool({ error: 'is true or false' }).default(false).meta({
    description: '`true`: serve the models that KServe serves in the cluster, and follow what becomes of them.',
  }),
  KSERVE_NAMESPACES: list
    .refine((names) => names.every(isNamespace), 'is a list of namespaces')
    .meta({ description: 'The namespaces whose models are served. Absent: all.' }),
  KSERVE_ADDRESS: oneOf(['external', 'internal']).default('external').meta({
    description: 'external: status.url of a model, where it has one; internal: its address within the cluster.',
  }),
  TIERS_CONFIG_MAP: z
    .string()
    .refine((text) => /^[^/]+\/[^/]+$/.test(text) && text.split('/').every(isObjectName), {
      error: 'is the namespace and the name of a ConfigMap, such as "maas/tier-to-group-mapping"',
    })
    .optional()
    .meta({
      description: 'A ConfigMap, as namespace/name, that says which tiers there are, and whose. Absent: none.',
      examples: ['maas/tier-to-group-mapping'],
    }),
  ADMIN_ACCESS_REVIEW: access.meta({
    description:
      'What makes an administrator of somebody whom the cluster allows it (SubjectAccessReview): verb=…,group=…,resource=…,namespace=…',
    examples: ['verb=update,group=maas.opendatahub.io,resource=tiers,namespace=maas'],
  }),
  MODEL_ACCESS_REVIEW: access.meta({
    description:
      'What a person of the cluster has to be allowed (SubjectAccessReview) to use a model of their tier; the resource’s name is the model’s id.',
    examples: ['verb=get,group=serving.kserve.io,resource=llminferenceservices,namespace=models'],
  }),
  ACCESS_REVIEW_GROUPS_MAX_AGE: durationFrom('1h', LONGEST_LIFETIME).prefault('7d').meta({
    description:
      'How long ago the cluster may have said what groups somebody is in, for a review of access to go by them.',
  }),
  TOKEN_ISSUER: oneOf(['maas', 'serviceaccount']).default('maas').meta({
    description: 'Who issues access tokens: this platform, or the cluster, to a ServiceAccount of each person.',
  }),
  INSTANCE_NAME: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,29}[a-z0-9])?$/, 'is at most 31 lower-case letters, digits and inner hyphens')
    .default('maas')
    .meta({
      description: 'For TOKEN_ISSUER=serviceaccount: accounts are in the namespaces {INSTANCE_NAME}-tier-{tier}.',
    }),
  TOKEN_AUDIENCE: z
    .string()
    .optional()
    .meta({ description: 'The audience of access tokens of the cluster. Absent: {INSTANCE_NAME}-sa.' }),
  TOKEN_REVIEW_CACHE: durationFrom('1s', '5m').prefault('10s').meta({
    description: 'For how long a token that the cluster has vouched for is good without being asked about again.',
  }),
  OIDC_ISSUER: providerUrl.meta({
    description: 'The OpenID Connect provider that people sign in with, exactly as it names itself.',
    examples: ['https://id.example.com/realms/company'],
  }),
  OIDC_CLIENT_ID: z.string().optional().meta({ description: 'What the provider calls this platform.' }),
  OIDC_CLIENT_SECRET: z
    .string()
    .optional()
    .meta({ description: 'What proves that to the provider. Absent: a public client, by PKCE alone.' }),
  OIDC_CLIENT_AUTH: oneOf(['client_secret_basic', 'client_secret_post'])
    .default('client_secret_basic')
    .meta({ description: 'How the secret is shown to the provider.' }),
  OIDC_SCOPES: z
    .string()
    .default('openid profile email groups')
    .transform((text) => text.trim().replace(/[\s,]+/g, ' '))
    .refine((text) => text.split(' ').includes('openid'), 'includes the scope openid')
    .meta({ description: 'What is asked of the provider.' }),
  OIDC_GROUPS_CLAIM: z
    .string()
    .default('groups')
    .meta({ description: 'The claim with the groups; dots lead into it.' }),
  OIDC_USERNAME_CLAIM: z
    .string()
    .default('preferred_username')
    .meta({ description: 'The claim with the username; without it email, then sub.' }),
  OIDC_AUDIENCES: list.meta({
    description: 'Audiences of which an id token that is shown as a bearer token has one. Absent: OIDC_CLIENT_ID.',
  }),
  OIDC_LABEL: z
    .string()
    .max(100, 'has at most 100 characters')
    .default('Single sign-on')
    .meta({ description: 'What the button says.' }),
  OPENSHIFT_OAUTH_URL: providerUrl
    .transform((url) => url?.replace(/\/+$/, ''))
    .meta({
      description: 'The API server of the OpenShift cluster that people sign in with.',
      examples: ['https://api.cluster.example.com:6443'],
    }),
  OPENSHIFT_CLIENT_ID: z.string().optional().meta({ description: 'The name of the OAuthClient of this platform.' }),
  OPENSHIFT_CLIENT_SECRET: z.string().optional().meta({ description: 'The secret of the OAuthClient.' }),
  OPENSHIFT_CA_FILE: z
    .string()
    .optional()
    .meta({ description: 'PEM certificates that the cluster’s are signed by. Absent: those that Node trusts.' }),
  DASHBOARD_DIR: z
    .string()
    .transform((path) => resolve(path))
    .optional()
    .meta({ description: 'The exported pages of the dashboard. Absent: apps/web/out, where it is built.' }),
  TRUST_PROXY: list
    .refine((networks) => networks.every(isNetwork), 'is a list of addresses or CIDR ranges')
    .meta({
      description:
        'Addresses (CIDR, or `loopback`, `linklocal`, `uniquelocal`) of proxies whose X-Forwarded-For, -Proto and -Host are believed.',
    }),
  LOGIN_ATTEMPTS_PER_MINUTE: count
    .default(10)
    .meta({ description: 'Sign-ins per account; ten times that per address.' }),
  CONTROL_REQUESTS_PER_MINUTE: count
    .default(600)
    .meta({ description: 'Changes (mint, revoke, administration) per person.' }),
  MAX_REQUEST_BYTES: bytes.default(32 * MIB).meta({ description: 'The largest inference request.' }),
  UPSTREAM_CONNECT_TIMEOUT: timeout('5s').meta({ description: 'To connect to a backend.' }),
  UPSTREAM_FIRST_BYTE_TIMEOUT: timeout('120s').meta({
    description: 'From the request to the first byte of the answer; as long it may wait for a connection before.',
  }),
  UPSTREAM_IDLE_TIMEOUT: timeout('60s').meta({ description: 'Between two pieces of an answer.' }),
  UPSTREAM_TOTAL_TIMEOUT: timeout('30m').meta({ description: 'From the request to the end of the answer.' }),
  STREAM_KEEPALIVE_INTERVAL: timeout('15s').meta({
    description:
      'A stream is never quiet for longer: it gets a comment, so that nobody between takes it for dead; also one that has not begun.',
  }),
  UPSTREAM_CA_FILE: z.string().optional().meta({
    description: 'PEM certificates that backends’ may be signed by, besides those that Node trusts.',
  }),
  UPSTREAM_ALLOWED_NETWORKS: list
    .refine((networks) => networks.every(isCidr), 'is a list of addresses or CIDR ranges')
    .meta({
      description:
        'Networks (CIDR) in which backends are allowed though they are link-local, multicast or a cloud’s metadata service.',
    }),
  UPSTREAM_CONNECTIONS: count
    .default(1024)
    .meta({ description: 'Connections of a process to one host and port, which the backends there share.' }),
  USAGE_WHEN_UNWRITABLE: oneOf(['memory', 'refuse'])
    .default('memory')
    .meta({ description: 'While the usage journal cannot be written: keep usage in memory, or refuse inference.' }),
  USAGE_JOURNAL_QUOTA: wholeNumber(MIB, Number.MAX_SAFE_INTEGER, 'is a whole number of bytes, at least 1048576')
    .default(4096 * MIB)
    .meta({ description: 'How much the usage journal may hold while the database takes no rows, in bytes.' }),
  USAGE_RETENTION: lifetime('90d').meta({
    description: 'How long a row a request is kept at least; it goes with its month. Sums are kept.',
  }),
  SNAPSHOT_MAX_AGE: lifetime('24h').meta({
    description: 'The oldest snapshot that a process serves from which starts while the database is away.',
  }),
  MAX_STALENESS: duration('0s', LONGEST_LIFETIME, 0).meta({
    description:
      'For how long inference goes on without the database, with tokens that may have been revoked since; 0s: for ever.',
  }),
  DRAIN_DELAY: duration('0s', '10m', 0).meta({
    description:
      'How long requests are still taken after SIGTERM, while /readyz says no: a load balancer needs to see it.',
  }),
  DRAIN_TIMEOUT: timeout('30s').meta({ description: 'How long running requests may go on after SIGTERM.' }),
  ...otelEnvironment,
});

/** The name of every setting, each of which may also have the suffix `_FILE`. */
export const settingNames: readonly string[] = Object.keys(Environment.shape);

/** The settings as each is read by itself. */
export type Settings = z.output<typeof Environment>;
