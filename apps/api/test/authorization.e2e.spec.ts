import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { reservedSegments } from '@maas/contracts/models';
import { Access } from '../src/auth/access.decorator.js';
import { AccessReviews } from '../src/auth/access-reviews.service.js';
import { AuthGuard } from '../src/auth/auth.guard.js';
import { UserDirectory } from '../src/auth/user-directory.service.js';
import { ChangeFeedService } from '../src/database/change-feed.service.js';
import { ErrorFilter } from '../src/http/error.filter.js';
import { PASSWORD, type Answer, errorOf, type Harness, startHarness } from './harness.js';
import { flawsOfError } from './raw-answer.js';
import { exchange } from './raw-connection.js';
import { rawRequest } from './raw-request.js';
import { type ControllerRoute, controllerRoutes, routerRoutes } from './route-table.js';

let maas: Harness;
let routes: ControllerRoute[];
/** A credential of each kind; what revokes all tokens of its owner has none of the access tokens. */
let credentials: Record<Who, string | undefined>;
type Who = 'nobody' | 'junk' | 'access token' | 'access token of an admin' | 'user' | 'admin';

beforeAll(async () => {
  maas = await startHarness();
  const username = 'second-admin';
  await maas.admin('/users', { method: 'POST', body: { username, password: PASSWORD, role: 'admin' } });
  routes = controllerRoutes(maas.nest);
  credentials = {
    nobody: undefined,
    junk: 'junk',
    'access token': await maas.accessToken('premium'),
    'access token of an admin': await maas.accessToken(username),
    user: await maas.login('free'),
    admin: await maas.login('admin'),
  };
});
afterAll(() => maas.stop());

/** Calls a route as it stands there, with parameters that name nothing. */
function callAs(
  who: Who,
  { method, path }: { method: string; path: string },
  headers: Record<string, string> = {},
): Promise<Answer> {
  const token = credentials[who];
  return maas.call(path.replace(/:\w+/g, '0198c0de-0000-7000-8000-000000000000'), {
    method,
    headers,
    ...(token === undefined ? {} : { token }),
  });
}

/** How the door answers: `in` is whatever comes from behind it. */
function doorOf(answer: Answer): 'in' | 'who are you' | 'not you' {
  if (answer.status === 401) return 'who are you';
  const { message = '' } = (answer.body as { error?: { message?: string } } | undefined)?.error ?? {};
  const closed = /^(An access token is not enough here|Administrators only|This route is not open)/.test(message);
  return answer.status === 403 && closed ? 'not you' : 'in';
}

const doors: Record<string, Record<Who, ReturnType<typeof doorOf>>> = {
  public: { nobody: 'in', junk: 'in', 'access token': 'in', 'access token of an admin': 'in', user: 'in', admin: 'in' },
  token: {
    nobody: 'who are you',
    junk: 'who are you',
    'access token': 'in',
    'access token of an admin': 'in',
    user: 'in',
    admin: 'in',
  },
  identity: {
    nobody: 'who are you',
    junk: 'who are you',
    'access token': 'not you',
    'access token of an admin': 'not you',
    user: 'in',
    admin: 'in',
  },
  admin: {
    nobody: 'who are you',
    junk: 'who are you',
    'access token': 'not you',
    'access token of an admin': 'not you',
    user: 'not you',
    admin: 'in',
  },
};
const everybody = Object.keys(doors['public'] ?? {}) as Who[];

describe('every route', () => {
  it('declares who may call it', () => {
    expect(routes.length).toBeGreaterThan(30);
    expect(routes.filter(({ policy }) => policy === undefined)).toEqual([]);
  });

  it('that is open to everybody is one of these', () => {
    const open = routes.filter(({ policy }) => policy === 'public').map(({ method, path }) => `${method} ${path}`);
    expect(open.sort()).toEqual([
      'DELETE /maas-api/v1/session',
      'GET /.well-known/jwks.json',
      'GET /auth/oidc/callback',
      'GET /auth/oidc/start',
      'GET /auth/openshift/callback',
      'GET /auth/openshift/start',
      'GET /health',
      'GET /healthz',
      'GET /maas-api/v1/sign-in',
      'GET /readyz',
      'POST /maas-api/v1/login',
      'POST /maas-api/v1/session',
      'POST /maas-api/v1/session/kubernetes',
      'POST /maas-api/v1/setup',
    ]);
  });

  it('is a controller’s, or a page that is only read', () => {
    const known = new Set(
      routes.flatMap(({ method, path }) => [`${method} ${path}`, ...(method === 'GET' ? [`HEAD ${path}`] : [])]),
    );
    const others = routerRoutes(maas.nest).filter(({ method, path }) => !known.delete(`${method} ${path}`));
    expect([...known]).toEqual([]);
    expect(others.filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([]);
    expect(others.filter(({ path }) => /^\/?(maas-api|v1)\b/i.test(path))).toEqual([]);
  });

  it('has a first segment that no model can take', () => {
    const firsts = routerRoutes(maas.nest).map(({ path }) => path.split('/')).filter(({ length }) => length > 2);
    expect([...new Set(firsts.map(([, first = '']) => first))].filter((first) => !reservedSegments.has(first))).toEqual([]);
  }); // prettier-ignore

  it('lets in whom it says, and nobody else', async () => {
    const seen: string[] = [];
    const meant: string[] = [];
    for (const route of routes) {
      for (const who of everybody) {
        const answer = await callAs(who, route);
        const line = `${route.method} ${route.path} as ${who}:`;
        seen.push(`${line} ${answer.status < 500 ? doorOf(answer) : answer.status}`);
        meant.push(`${line} ${doors[route.policy ?? '']?.[who]}`);
        if (doorOf(answer) !== 'in')
          expect([line, flawsOfError(answer.status, answer.headers, answer.text)]).toEqual([line, []]);
      }
    }
    expect(seen).toEqual(meant);
  });
});

describe('no way around', () => {
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'QUERY', 'LOCK', 'TRACE'];
  const variantsOf = (path: string): string[] => [
    `${path}/`,
    `${path}//`,
    `/${path}`,
    path.replace('/v1/', '//v1/'),
    path.toUpperCase(),
    path.replace('api', 'API'),
    `${path};x`,
    `${path}%00`,
    `${path}%20`,
    `${path}.json`,
    `${path}%3f`,
    path.replace('/v1/', '%2fv1%2f'),
    path.replace('m', '%6d'),
    path.replace('m', '%256d'),
    `/x/..${path}`,
    `/v1/..${path}`,
    `/healthz/..${path}`,
    `/healthz/%2e%2e${path}`,
    `/docs/..%2f${path}`,
    `/.${path}`,
    path.replaceAll('/', '\\').replace('\\', '/'),
    `http://localhost${path}`,
    `/fake${path}`,
    `/fake/v1/..${path}`,
    `${path}?x=/healthz`,
    `${path}#/healthz`,
  ];
  /** Sends exactly these bytes as the path. */
  const knock = async (who: Who, method: string, path: string) => {
    const token = credentials[who];
    const at = path.replace(/:\w+/g, '0198c0de-0000-7000-8000-000000000000');
    const answer = await exchange(maas.url, rawRequest({ method, path: at, ...(token ? { token } : {}) }), method);
    if (!answer) throw new Error(`no answer to ${method} ${path}`);
    return answer;
  };
  // Whoever has no business at any of these routes at all.
  const closed = () => routes.filter(({ policy }) => policy === 'admin' || policy === 'identity');
  const outsiders: Who[] = ['nobody', 'junk', 'access token'];

  it('by a method that the route does not have', async () => {
    const has = new Set(routes.map(({ method, path }) => `${method} ${path}`));
    // Beside reading the session, which is closed, there is beginning one, which is not.
    const open = new Set(
      routes.flatMap(({ method, path, policy }) => (policy === 'public' ? [`${method} ${path}`] : [])),
    );
    const paths = [...new Set(closed().map(({ path }) => path))];
    for (const path of paths) {
      for (const method of methods) {
        const route = `${method === 'HEAD' ? 'GET' : method} ${path}`;
        const known = has.has(route);
        if (open.has(route)) continue;
        for (const who of outsiders) {
          const { status } = await knock(who, method, path);
          const refused = known ? [401, 403] : [400, 401, 403, 404, 405];
          expect([method, path, who, refused.includes(status) ? 'refused' : status]).toEqual([
            method,
            path,
            who,
            'refused',
          ]);
        }
      }
    }
  });

  it('by a path that is written otherwise', async () => {
    const strangers: [Who, ControllerRoute[]][] = [
      ['nobody', closed()],
      ['access token', closed()],
      ['user', closed().filter(({ policy }) => policy === 'admin')],
    ];
    for (const [who, there] of strangers) {
      for (const { method, path } of there) {
        for (const variant of variantsOf(path)) {
          const { status, body } = await knock(who, method, variant);
          expect([method, variant, who, status < 300 ? body : 'refused']).toEqual([method, variant, who, 'refused']);
          expect(status).toBeLessThan(500);
        }
      }
    }
  });

  it('by headers that ask for another method or path', async () => {
    for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override']) {
      const tokens = { method: 'GET', path: '/maas-api/v1/tokens' };
      const before = await callAs('user', tokens);
      for (const method of ['POST', 'DELETE']) {
        expect((await callAs('user', tokens, { [name]: method })).text).toBe(before.text);
      }
      const path = '/maas-api/v1/me';
      expect((await callAs('user', { method: 'POST', path }, { [name]: 'GET' })).status).toBe(404);
    }
    for (const name of ['x-original-url', 'x-rewrite-url', 'x-forwarded-uri', 'x-forwarded-prefix']) {
      const answer = await callAs('nobody', { method: 'GET', path: '/maas-api/v1/me' }, { [name]: '/healthz' });
      expect(answer.status).toBe(401);
      const other = await callAs('nobody', { method: 'GET', path: '/healthz' }, { [name]: '/maas-api/v1/admin/users' });
      expect(other.text).toBe('{"status":"healthy"}');
    }
  });

  it('by headers that say who one is', async () => {
    const claims = {
      'x-forwarded-user': 'admin',
      'x-remote-user': 'admin',
      'impersonate-user': 'admin',
      'x-forwarded-for': '127.0.0.1',
      cookie: 'role=admin',
    };
    expect((await callAs('nobody', { method: 'GET', path: '/maas-api/v1/me' }, claims)).status).toBe(401);
    expect((await callAs('user', { method: 'GET', path: '/maas-api/v1/admin/users' }, claims)).status).toBe(403);
  });

  it.each([
    '/docs/../package.json',
    '/docs/%2e%2e/package.json',
    '/docs/..%2f..%2fpackage.json',
    '/setup/..%2f..%2fpackage.json',
    '/..%2fpackage.json',
    '/docs/....//package.json',
    '/docs/%00',
    '/.env',
    '/.git/config',
  ])('out of the folders of the pages: %s', async (path) => {
    const { status, headers, body } = await knock('nobody', 'GET', path);
    expect(flawsOfError(status, headers, body)).toEqual([]);
  });
});

@Controller('forgotten')
class ForgottenController {
  @Get()
  read() {
    return 'open';
  }

  @Get('declared')
  @Access('public')
  declared() {
    return 'open';
  }
}

@Module({
  controllers: [ForgottenController],
  providers: [
    { provide: APP_GUARD, useClass: AuthGuard },
    { provide: ChangeFeedService, useFactory: () => maas.nest.get(ChangeFeedService) },
    { provide: UserDirectory, useFactory: () => maas.nest.get(UserDirectory) },
    { provide: AccessReviews, useFactory: () => maas.nest.get(AccessReviews) },
    { provide: APP_FILTER, useClass: ErrorFilter },
  ],
})
class ForgetfulModule {}

describe('a route that declares nothing', () => {
  it('is refused to everybody, administrators as well', async () => {
    const nest = await NestFactory.create<NestFastifyApplication>(ForgetfulModule, new FastifyAdapter(), {
      logger: false,
    });
    await nest.init();
    const statusFor = async (path: string, token: string | undefined) => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      return (await nest.inject({ url: path, headers })).statusCode;
    };
    const statuses = await Promise.all(everybody.map((who) => statusFor('/forgotten', credentials[who])));
    expect(statuses).toEqual([401, 401, 403, 403, 403, 403]);
    expect(await statusFor('/forgotten/declared', undefined)).toBe(200);
    await nest.close();
  });
});

describe('what is somebody else’s', () => {
  it('is not there: tokens and usage', async () => {
    const theirs = await maas.call<{ jti: string }>('/maas-api/v1/tokens', {
      method: 'POST',
      token: await maas.login('enterprise'),
    });
    for (const path of ['/maas-api/v1/tokens', '/v1/tokens']) {
      const revoked = await callAs('user', { method: 'DELETE', path: `${path}/${theirs.body.jti}` });
      const invented = await callAs('user', { method: 'DELETE', path: `${path}/0198c0de-0000-7000-8000-000000000000` });
      expect([revoked.status, errorOf(revoked)]).toEqual([404, errorOf(invented)]);
    }
    const admin = await maas.admin<{ data: { id: string }[] }>('/users?limit=1');
    const usage = await callAs('user', {
      method: 'GET',
      path: `/maas-api/v1/usage?user=${admin.body.data[0]?.id}&groupBy=user`,
    });
    expect(usage.status).toBe(400);
    const own = await callAs('user', {
      method: 'GET',
      path: `/maas-api/v1/usage?user=${admin.body.data[0]?.id}&userId=x&tier=enterprise`,
    });
    expect([own.status, own.body]).toMatchObject([200, { data: [] }]);
  });
});

describe('fields that nobody asked for', () => {
  const more = {
    role: 'admin', isAdmin: true, admin: true, userId: '0198c0de-0000-7000-8000-000000000000', sub: 'x', owner: 'admin', ownerId: 'x', username: 'admin',
    tier: 'enterprise', tierId: 'enterprise', tierOverride: 'enterprise', groups: ['enterprise-users'], jti: '0198c0de-0000-7000-8000-000000000001',
    iat: 0, exp: 99_999_999_999, expiresAt: 99_999_999_999, aud: 'maas-api', typ: 'identity+jwt', scope: 'admin', allowed_routes: ['*'],
    id: '0198c0de-0000-7000-8000-000000000002', createdAt: '1999-01-01T00:00:00Z', version: 77, bundled: true, sealedCredential: 'x', passwordHash: 'x',
    provider: 'oidc', subject: 'x', suspendedAt: null, identityNotBefore: '1999-01-01T00:00:00Z', constructor: { prototype: { role: 'admin' } },
  }; // prettier-ignore

  it('change nothing about a token, nor about who asked for it', async () => {
    const token = credentials['user'] ?? '';
    const before = (await callAs('user', { method: 'GET', path: '/maas-api/v1/me' })).text;
    const made = await maas.call<{ token: string; jti: string; expiration: string }>('/maas-api/v1/tokens', {
      token,
      body: { ...more, name: 'mine' },
    });
    expect([made.status, made.body]).toMatchObject([201, { expiration: '4h0m0s', name: 'mine' }]);
    expect(made.body.jti).not.toBe(more.jti);
    const claims = JSON.parse(Buffer.from(made.body.token.split('.')[1] ?? '', 'base64url').toString()) as Record<
      string,
      unknown
    >;
    expect(Object.keys(claims).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'sub']);
    expect([claims['aud'], claims['sub'], claims['jti']]).toEqual([
      'maas',
      (JSON.parse(before) as { id: string }).id,
      made.body.jti,
    ]);
    expect((await callAs('user', { method: 'GET', path: '/maas-api/v1/me' })).text).toBe(before);
  });

  it('change nothing about a sign-in', async () => {
    const signedIn = await maas.call<{ token: string }>('/maas-api/v1/login', {
      body: { ...more, username: 'free', password: PASSWORD },
    });
    expect((await maas.call('/maas-api/v1/me', { token: signedIn.body.token })).body).toMatchObject({
      username: 'free',
      role: 'user',
    });
  });

  it('make no administrator by the set-up link where there is one', async () => {
    const body = { ...more, secret: 'x', username: 'intruder', password: PASSWORD };
    expect((await maas.call('/maas-api/v1/setup', { body })).status).toBe(403);
  });

  it('are refused where administrators change something, each by its name', async () => {
    const made = { tiers: { name: 'extra', displayName: 'Extra', groups: [] }, models: { id: 'extra', name: 'Extra' } };
    const user = { username: 'extra', password: PASSWORD };
    const bodies: [string, string, object][] = [
      ['POST', '/tiers', made.tiers],
      ['POST', '/models', made.models],
      ['POST', '/users', user],
    ];
    // What is a field there, by whatever chance.
    const theirs: Record<string, string[]> = {
      '/tiers': ['groups'],
      '/models': ['id'],
      '/users': ['username', 'role', 'groups'],
      '/tiers/extra': ['groups', 'version'],
      '/models/extra': ['version'],
    };
    const refused = async (method: string, path: string, body: object) => {
      // The strict reader of JSON has its own word on `constructor`.
      const forged = Object.entries(more).filter(([name]) => name !== 'constructor' && !theirs[path]?.includes(name));
      expect(forged.length).toBeGreaterThan(20);
      for (const [field, value] of forged) {
        const answer = await maas.admin(path, { method, body: { ...body, [field]: value } });
        expect([method, path, field, answer.status]).toEqual([method, path, field, 400]);
        expect(errorOf(answer).param).toBe(field);
      }
    };
    for (const [method, path, body] of bodies) await refused(method, path, body);
    for (const [method, path, body] of bodies) expect((await maas.admin(path, { method, body })).status).toBe(201);
    await refused('PATCH', '/tiers/extra', {});
    await refused('PATCH', '/models/extra', {});
    const backend = await maas.admin('/models/extra/backends', {
      method: 'POST',
      body: { url: 'http://127.0.0.1:9', bundled: true },
    });
    expect([backend.status, errorOf(backend).param]).toEqual([400, 'bundled']);
    expect((await maas.admin('/tiers/extra')).body).toMatchObject({ version: 1 });
    expect((await maas.admin('/models/extra')).body).toMatchObject({ version: 1, backends: [] });
  });
});
