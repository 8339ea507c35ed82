import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { ConfigError, readConfig } from './config.js';

const folder = mkdtempSync(join(tmpdir(), 'maas-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(text: string): string {
  const path = join(folder, String(Math.random()));
  writeFileSync(path, text);
  return path;
}

function problemsOf(environment: Record<string, string>): string[] {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n').slice(1);
    throw error;
  }
  return [];
}

const KEY = `first:${Buffer.alloc(32, 'k').toString('base64')}`;

describe('readConfig', () => {
  it('needs nothing', () => {
    expect(readConfig({})).toMatchObject({
      PORT: 8080,
      HOST: '0.0.0.0',
      LOG_LEVEL: 'info',
      MAAS_DATA_DIR: resolve('.data'),
      TOKEN_MAX_LIFETIME: 30 * 86_400_000,
      IDENTITY_LIFETIME: 12 * 3_600_000,
      MAX_REQUEST_BYTES: 33_554_432,
      KUBERNETES_AUTH: 'off',
      ADMIN_GROUPS: [],
      TRUST_PROXY: [],
      UPSTREAM_TOTAL_TIMEOUT: 1_800_000,
    });
    expect(readConfig({}).DATABASE_URL).toBeUndefined();
  });

  it('takes an empty variable, which a compose file left blank, for none', () => {
    const names = [
      'PORT',
      'DATABASE_URL',
      'REDIS_URL',
      'PUBLIC_URL',
      'ENCRYPTION_KEY',
      'TLS_CERT_FILE',
      'UPSTREAM_IDLE_TIMEOUT',
      'DATABASE_URL_FILE',
    ];
    for (const blank of ['', ' ']) {
      const values = Object.fromEntries(names.map((name) => [name, name.endsWith('_FILE') ? '' : blank]));
      expect(readConfig(values)).toEqual(readConfig({}));
    }
  });

  it('reads every kind of value', () => {
    const config = readConfig({
      PORT: '0',
      PUBLIC_URL: 'https://maas.example.com/base//',
      DATABASE_URL: 'postgresql://u:p@h:5432/d?sslmode=require',
      TOKEN_MAX_LIFETIME: '1h30m',
      UPSTREAM_CONNECT_TIMEOUT: '250ms',
      ADMIN_GROUPS: ' admins, ops ,,',
      TRUST_PROXY: '10.0.0.0/8,192.168.1.1, fd00::/8,::1,loopback',
      ENCRYPTION_KEY: `${KEY},second:${Buffer.alloc(32, 'x').toString('base64')}`,
    });
    expect(config).toMatchObject({
      PORT: 0,
      PUBLIC_URL: 'https://maas.example.com/base',
      TOKEN_MAX_LIFETIME: 5_400_000,
      UPSTREAM_CONNECT_TIMEOUT: 250,
      ADMIN_GROUPS: ['admins', 'ops'],
      TRUST_PROXY: ['10.0.0.0/8', '192.168.1.1', 'fd00::/8', '::1', 'loopback'],
    });
  });

  it.each([
    ['PORT', ['x', '-1', '65536', '80.5', 'NaN', 'Infinity']],
    ['PUBLIC_URL', ['maas.example.com', 'ftp://x', 'javascript:x', 'https://u:p@x', 'https://x/?y', 'https://x/#y']],
    ['DATABASE_URL', ['mysql://x', 'localhost', 'file:///x']],
    ['REDIS_URL', ['http://x', 'localhost:6379', 'redis']],
    ['MAAS_ROLE', ['control', 'Gateway']],
    ['LIMITS', ['memory', 'Redis', 'redis']],
    ['LIMITS_WHEN_UNAVAILABLE', ['closed']],
    ['LIMITS_HOLD', ['0s', '11m']],
    ['LIMITS_TIMEOUT', ['9ms', '11s', '50', 'shortly']],
    ['MAAS_MAX_PROCESSES', ['0', '1.5']],
    ['METRICS_PORT', ['-1', '65536', 'metrics']],
    ['LOG_REQUESTS', ['yes', 'all']],
    ['WEB_CONCURRENCY', ['0', '-1', '1.5', '257', 'all', 'Infinity']],
    ['MAX_INFLIGHT_REQUESTS', ['0', 'many']],
    ['LOG_LEVEL', ['loud', 'INFO']],
    ['MAAS_DEMO_PASSWORD', ['short']],
    ['ENCRYPTION_KEY', ['x', 'x:short', `${KEY},`, KEY.replace('first', ''), KEY.slice(0, -1), `${KEY} ${KEY}`]],
    [
      'TRUST_PROXY',
      [
        'x',
        '10.0.0.0/0',
        '10.0.0.0/33',
        '10.0.0.1/8/8',
        '::1/129',
        '300.0.0.1',
        '10.0.0.0/x',
        'true',
        '*',
        '10.0.0.1,x',
      ],
    ],
    ['UPSTREAM_ALLOWED_NETWORKS', ['x', 'loopback', '169.254.0.0/33', '10.0.0.0/0', '::1/129', '10.0.0.1,x']],
    ['CLIENT_STALL_TIMEOUT', ['0s', '60', '25d', 'never']],
    ['CLIENT_HEADERS_TIMEOUT', ['0s', '20']],
    ['CLIENT_REQUEST_TIMEOUT', ['-1s', 'x']],
    ['MAX_CONNECTIONS', ['0', '1.5', 'many']],
    ['MAX_REQUEST_BYTES', ['0', '1023', '1.5e4.1', 'x']],
    ['LOGIN_ATTEMPTS_PER_MINUTE', ['0', '-1', '1.5']],
    ['UPSTREAM_TOTAL_TIMEOUT', ['0', '0s', '30', '-1s', '1 h', '4hours', '']],
    ['ADMIN_ACCESS_REVIEW', ['update tiers', 'verb=update', 'verb=a,resource=b,verb=c']],
    ['MODEL_ACCESS_REVIEW', ['verb=get,resource=a=b', 'resource=models']],
    ['ACCESS_REVIEW_GROUPS_MAX_AGE', ['0s', '59m', 'never', '3651d']],
    ['TOKEN_ISSUER', ['kubernetes', 'ServiceAccount']],
    ['INSTANCE_NAME', ['Maas', '-maas', 'maas-', 'a.b', 'a'.repeat(32)]],
    ['TOKEN_REVIEW_CACHE', ['0s', '999ms', '6m', '10']],
    ['SESSION_IDLE_TIMEOUT', ['0s', '30', 'never']],
    ['SESSION_LIFETIME', ['0', '12', '-1h']],
    ['TOKEN_MAX_LIFETIME', ['0s', '30', '9m59s', 'forever', '1y', '3651d', '99999999999999999d']],
  ])('names %s when it is not usable, and never shows the value', (name, values) => {
    for (const value of values.filter(Boolean)) {
      const problems = problemsOf({ [name]: value });
      expect([value, problems]).toEqual([value, [expect.stringContaining(name)]]);
      if (value.length > 5) expect(problems.join()).not.toContain(value);
    }
  });

  it('counts limits where several processes can, unless there can be one only or it is told otherwise', () => {
    const DATABASE_URL = 'postgres://u@h/d';
    const REDIS_URL = 'rediss://u:p@h:6379/1';
    expect(readConfig({}).LIMITS).toBe('process');
    expect(readConfig({ DATABASE_URL }).LIMITS).toBe('postgres');
    expect(readConfig({ REDIS_URL }).LIMITS).toBe('redis');
    expect(readConfig({ DATABASE_URL, REDIS_URL_FILE: fileWith(REDIS_URL) })).toMatchObject({
      LIMITS: 'redis',
      REDIS_URL,
    });
    expect(readConfig({ DATABASE_URL, REDIS_URL, LIMITS: 'process' }).LIMITS).toBe('process');
    expect(readConfig({ WEB_CONCURRENCY: '2' }).LIMITS).toBe('postgres');
    expect(readConfig({ WEB_CONCURRENCY: '2', REDIS_URL }).LIMITS).toBe('redis');
  });

  it('counts on as many processes as there can be during a rolling update', () => {
    const most = (WEB_CONCURRENCY: string) => readConfig({ WEB_CONCURRENCY }).MAAS_MAX_PROCESSES;
    expect(['1', '2', '8'].map(most)).toEqual([4, 4, 16]);
    expect(readConfig({ WEB_CONCURRENCY: '8', MAAS_MAX_PROCESSES: '8' }).MAAS_MAX_PROCESSES).toBe(8);
  });

  it('refuses several processes that would count for themselves, or of which too few are expected', () => {
    expect(problemsOf({ WEB_CONCURRENCY: '3', LIMITS: 'process' })).toEqual([
      expect.stringMatching(/3 times their limits.*LIMITS=postgres/),
    ]);
    expect(problemsOf({ WEB_CONCURRENCY: '3', MAAS_MAX_PROCESSES: '2' })).toEqual([
      expect.stringMatching(/MAAS_MAX_PROCESSES is less than the 3 processes/),
    ]);
    expect(problemsOf({ WEB_CONCURRENCY: '1', LIMITS: 'process' })).toEqual([]);
  });

  it('serves no metrics unless asked to, and then not on the port that people use', () => {
    expect(readConfig({})).not.toHaveProperty('METRICS_PORT');
    expect(readConfig({})).toMatchObject({ LOG_REQUESTS: 'off' });
    expect(readConfig({ METRICS_PORT: '9464' }).METRICS_PORT).toBe(9464);
    expect(problemsOf({ METRICS_PORT: '8080' })).toEqual([expect.stringMatching(/METRICS_PORT is the same as PORT/)]);
    expect(problemsOf({ PORT: '0', METRICS_PORT: '0' })).toEqual([]);
  });

  it('has one process for each core with auto', () => {
    expect(readConfig({ WEB_CONCURRENCY: 'auto' }).WEB_CONCURRENCY).toBe(availableParallelism());
  });

  it.each([
    'UPSTREAM_CONNECT_TIMEOUT',
    'UPSTREAM_FIRST_BYTE_TIMEOUT',
    'UPSTREAM_IDLE_TIMEOUT',
    'UPSTREAM_TOTAL_TIMEOUT',
    'DRAIN_TIMEOUT',
  ])('takes no %s that a timer cannot wait for: it would go off at once', (name) => {
    expect(problemsOf({ [name]: '25d' })).toHaveLength(1);
    expect(readConfig({ [name]: '24d' })).toMatchObject({ [name]: 24 * 86_400_000 });
    expect(24 * 86_400_000).toBeLessThan(2 ** 31);
  });

  const OIDC = { OIDC_ISSUER: 'https://id.example.com/realms/a/', OIDC_CLIENT_ID: 'maas' };
  const OPENSHIFT = {
    OPENSHIFT_OAUTH_URL: 'https://api.cluster.example.com:6443/',
    OPENSHIFT_CLIENT_ID: 'maas',
    OPENSHIFT_CLIENT_SECRET: 'a-secret',
  };

  it('reads the settings of the sign-in', () => {
    expect(readConfig({})).toMatchObject({
      SESSION_IDLE_TIMEOUT: 1_800_000,
      SESSION_LIFETIME: 12 * 3_600_000,
      OIDC_SCOPES: 'openid profile email groups',
      OIDC_GROUPS_CLAIM: 'groups',
      OIDC_USERNAME_CLAIM: 'preferred_username',
      OIDC_CLIENT_AUTH: 'client_secret_basic',
      OIDC_AUDIENCES: [],
    });
    const secret = fileWith('a-secret-in-a-file\n');
    expect(
      readConfig({ ...OIDC, ...OPENSHIFT, OIDC_SCOPES: 'openid, email', OIDC_CLIENT_SECRET_FILE: secret }),
    ).toMatchObject({
      OIDC_ISSUER: 'https://id.example.com/realms/a/',
      OIDC_CLIENT_SECRET: 'a-secret-in-a-file',
      OIDC_SCOPES: 'openid email',
      OPENSHIFT_OAUTH_URL: 'https://api.cluster.example.com:6443',
    });
    for (const issuer of ['http://localhost:9000', 'http://127.0.0.1:1', 'http://[::1]:1']) {
      expect(readConfig({ ...OIDC, OIDC_ISSUER: issuer }).OIDC_ISSUER).toBe(issuer);
    }
  });

  it.each([
    [
      'OIDC_ISSUER',
      OIDC,
      [
        'id.example.com',
        'http://id.example.com',
        'https://u:p@x',
        'https://x/?y',
        'http://127.0.0.1.example.com',
        'HTTP://id.example.com',
      ],
    ],
    ['OIDC_SCOPES', OIDC, ['profile email', 'openidx']],
    ['OIDC_CLIENT_AUTH', OIDC, ['none', 'private_key_jwt']],
    ['OPENSHIFT_OAUTH_URL', OPENSHIFT, ['http://api.cluster.example.com', 'api.cluster.example.com']],
  ])('names %s when it is not usable', (name, others, values) => {
    for (const value of values) {
      const problems = problemsOf({ ...others, [name]: value });
      expect([value, problems]).toEqual([value, [expect.stringContaining(name)]]);
    }
  });

  it.each([
    [{ OIDC_CLIENT_ID: 'maas' }, 'OIDC_ISSUER and OIDC_CLIENT_ID go together: OIDC_ISSUER is missing'],
    [
      { OIDC_LABEL: 'Company' },
      'OIDC_ISSUER and OIDC_CLIENT_ID go together: OIDC_ISSUER and OIDC_CLIENT_ID are missing, which OIDC_LABEL needs',
    ],
    [{ ...OPENSHIFT, OPENSHIFT_CLIENT_SECRET: '' }, 'go together: OPENSHIFT_CLIENT_SECRET is missing'],
    [
      { OPENSHIFT_CA_FILE: '/ca.pem' },
      'OPENSHIFT_OAUTH_URL, OPENSHIFT_CLIENT_ID and OPENSHIFT_CLIENT_SECRET go together',
    ],
  ])('says what goes together: %j', (environment, message) => {
    expect(problemsOf(environment as Record<string, string>)).toEqual([expect.stringContaining(message)]);
  });

  it('has what the cluster issues named after the installation, and remembered for seconds', () => {
    expect(readConfig({})).toMatchObject({
      TOKEN_ISSUER: 'maas',
      INSTANCE_NAME: 'maas',
      TOKEN_AUDIENCE: 'maas-sa',
      TOKEN_REVIEW_CACHE: 10_000,
    });
    const review = 'verb=get,group=serving.kserve.io,resource=llminferenceservices';
    const settings = { KUBERNETES_AUTH: 'in-cluster', TOKEN_ISSUER: 'serviceaccount', INSTANCE_NAME: 'models' };
    expect(readConfig({ ...settings, MODEL_ACCESS_REVIEW: review })).toMatchObject({
      TOKEN_AUDIENCE: 'models-sa',
      MODEL_ACCESS_REVIEW: { verb: 'get', group: 'serving.kserve.io', resource: 'llminferenceservices' },
    });
  });

  it.each([
    [{ TOKEN_ISSUER: 'serviceaccount' }, /KUBERNETES_AUTH is off, and TOKEN_ISSUER=serviceaccount needs a cluster/],
    [
      { ADMIN_ACCESS_REVIEW: 'verb=a,resource=b', MODEL_ACCESS_REVIEW: 'verb=a,resource=b' },
      /KUBERNETES_AUTH is off, and ADMIN_ACCESS_REVIEW and MODEL_ACCESS_REVIEW needs a cluster/,
    ],
    [{ KUBERNETES_AUTH: 'in-cluster', MODEL_ACCESS_REVIEW: 'verb=a,resource=b,name=c' }, /leave it out/],
  ])('refuses what a cluster is needed for, or cannot do: %j', (environment, message) => {
    expect(problemsOf(environment as Record<string, string>)).toEqual([expect.stringMatching(message)]);
  });

  it('lists every problem at once', () => {
    const problems = problemsOf({
      PORT: 'x',
      LOG_LEVEL: 'loud',
      TLS_CERT_FILE: '/cert.pem',
      DATABASE_URL_FILE: '/nowhere/at/all',
    });
    for (const name of ['PORT', 'LOG_LEVEL', 'TLS_KEY_FILE', 'DATABASE_URL_FILE'])
      expect(problems.join('\n')).toContain(name);
    expect(problems).toHaveLength(4);
  });

  it('lists what contradicts each other together with what is wrong by itself', () => {
    const lines = problemsOf({
      LIMITS: 'redis',
      MAAS_ROLE: 'gateway',
      WEB_CONCURRENCY: '4',
      MAAS_MAX_PROCESSES: '2',
      PORT: 'x',
    });
    expect(lines.map((line) => /[A-Z_]+/.exec(line)?.[0])).toEqual([
      'PORT',
      'MAAS_ROLE',
      'LIMITS',
      'MAAS_MAX_PROCESSES',
    ]);
  });

  it.each([
    ['MAX_CONNECTIONS', '0', 'is a whole number, at least 1'],
    ['MAX_CONNECTIONS', '1.5', 'is a whole number, at least 1'],
    ['MAX_REQUEST_BYTES', '0', 'is a whole number of bytes, at least 1024'],
    ['PORT', '65536', 'is a port number from 0 to 65535 (0: any that is free)'],
    ['WEB_CONCURRENCY', '0', 'is a number of processes from 1 to 256, or "auto": one for each core'],
    ['LIMITS', 'memory', 'is one of process, postgres, redis'],
    ['MAAS_ROLE', 'Gateway', 'is one of all, gateway, api'],
    ['LOG_REQUESTS', 'true', 'is one of on, off'],
    ['KSERVE_ADDRESS', 'both', 'is one of external, internal'],
    ['TOKEN_ISSUER', 'cluster', 'is one of maas, serviceaccount'],
    ['DRAIN_TIMEOUT', '0s', 'is a duration such as "30s", "15m" or "12h", more than 0, at most "24d"'],
    ['LIMITS_TIMEOUT', '1ms', 'is a duration from "10ms" to "10s"'],
  ])('says of %s=%s what it takes', (name, value, accepted) => {
    expect(problemsOf({ [name]: value })).toEqual([`  - ${name} ${accepted}`]);
  });

  it.each([
    ['OTEL_SDK_DISABLED', 'yes', 'is one of true, false'],
    ['OTEL_BSP_MAX_QUEUE_SIZE', '0', 'is a whole number from 1 to 1000000'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '-1', 'is a whole number of milliseconds, from 1 to 3600000'],
  ])('starts with %s=%s, which somebody injected, and says what it takes', (name, value, accepted) => {
    expect(readConfig({ [name]: value })).toEqual({ ...readConfig({}), otelProblems: [`${name} ${accepted}`] });
  });

  it('reads a value from a file, without its line end, rather than from the variable', () => {
    const environment = {
      ENCRYPTION_KEY_FILE: fileWith(`${KEY}\n`),
      ENCRYPTION_KEY: 'not this',
      MAAS_DEMO_PASSWORD_FILE: fileWith(' a secret of more words \n'),
    };
    expect(readConfig(environment)).toMatchObject({
      ENCRYPTION_KEY: KEY,
      MAAS_DEMO_PASSWORD: 'a secret of more words',
    });
  });

  it('leaves variables that name a file themselves as they are', () => {
    const config = readConfig({
      TLS_CERT_FILE: '/nowhere/cert.pem',
      TLS_KEY_FILE: '/nowhere/key.pem',
      SIGNING_KEYS_FILE: '/nowhere/keys.json',
    });
    expect(config).toMatchObject({ TLS_CERT_FILE: '/nowhere/cert.pem', SIGNING_KEYS_FILE: '/nowhere/keys.json' });
  });

  it('passes over what is not its own', () => {
    expect(readConfig({ PATH: '/bin', HOME: '/root', __proto__: 'x', constructor: 'x' })).toEqual(readConfig({}));
  });

  it('follows nothing in a cluster unless it is told to', () => {
    const { KSERVE_DISCOVERY, KSERVE_NAMESPACES, TIERS_CONFIG_MAP } = readConfig({});
    expect([KSERVE_DISCOVERY, KSERVE_NAMESPACES, TIERS_CONFIG_MAP]).toEqual([false, [], undefined]);
  });

  it.each([
    [{ KSERVE_DISCOVERY: 'perhaps' }, 'KSERVE_DISCOVERY is true or false'],
    [{ KSERVE_NAMESPACES: 'llm, Lab' }, 'KSERVE_NAMESPACES is a list of namespaces'],
    [{ TIERS_CONFIG_MAP: 'tier-to-group-mapping' }, 'TIERS_CONFIG_MAP is the namespace and the name of a ConfigMap'],
    [{ TIERS_CONFIG_MAP: 'maas/a/b' }, 'TIERS_CONFIG_MAP is the namespace and the name of a ConfigMap'],
  ])('names what of a cluster cannot be followed: %j', (environment, expected) => {
    expect(problemsOf(environment).join()).toContain(expected);
  });
});
