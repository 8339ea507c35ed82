import type { LoginResult } from '@maas/contracts/auth';
import type { CreatedToken } from '@maas/contracts/tokens';
import { administrator, type Cluster, later } from '../../apps/api/test/cluster.js';
import { PASSWORD } from '../../apps/api/test/harness.js';
import { call, type MaasProcess } from '../../apps/api/test/process-maas.js';
import { RawConnection } from '../../apps/api/test/raw-connection.js';
import type { FuzzRequest } from '../../apps/api/test/raw-fuzz.js';
import type { Response } from './findings.js';

/** After so long a server that waits for the rest of what was sent is left, in milliseconds. */
const PATIENCE = 1000;
const unlimited = { requestsPerMinute: null, tokensPerMinute: null, maxConcurrentRequests: null };

interface Credentials {
  /** Opens inference. */
  readonly token: string;
  /** Of a person like any other. */
  readonly identity: string;
  readonly admin: string;
}

interface Document {
  readonly paths: Record<string, Record<string, unknown>>;
}

/** A platform whose models, accounts and credentials are made again after requests that did away with them. */
export class FuzzedPlatform {
  private credentials: Credentials = { token: '', identity: '', admin: '' };

  private constructor(
    private readonly maas: MaasProcess,
    private readonly backendUrl: string,
  ) {}

  static async over(cluster: Cluster, backendUrl: string): Promise<FuzzedPlatform> {
    const platform = new FuzzedPlatform(cluster.at(0), backendUrl);
    await platform.restore();
    return platform;
  }

  document(): Promise<Document> {
    return call<Document>(this.maas, '/docs/openapi.json').then(({ body }) => body);
  }

  /** All that the description names, with parameters as `:name`. */
  async routes(): Promise<{ method: string; path: string }[]> {
    const { paths } = await this.document();
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods)
        .filter((method) => ['get', 'post', 'put', 'patch', 'delete'].includes(method))
        .map((method) => ({ method: method.toUpperCase(), path: path.replaceAll(/\{(\w+)\}/g, ':$1') })),
    );
  }

  async restore(): Promise<Credentials> {
    const admin = await this.login(administrator.username);
    const administer = (path: string, method: string, body?: object) =>
      call(this.maas, `/maas-api/v1/admin${path}`, { token: admin, method, ...(body ? { body } : {}) });
    await administer('/tiers', 'POST', {
      name: 'fuzz',
      displayName: 'Fuzz',
      level: 900,
      groups: ['fuzz'],
      ...unlimited,
    });
    await administer('/tiers/fuzz', 'PATCH', { groups: ['fuzz'], ...unlimited });
    await administer('/tiers', 'POST', { name: 'others', displayName: 'Others', level: 901, groups: ['others'] });
    for (const [id, tier] of [
      ['fake', 'fuzz'],
      ['closed', 'others'],
    ]) {
      await administer(`/models/${id}`, 'DELETE');
      await administer('/models', 'POST', { id, name: id, tiers: [tier], backends: [{ url: this.backendUrl }] });
    }
    for (const username of ['caller', 'somebody'])
      await administer('/users', 'POST', { username, password: PASSWORD, groups: ['fuzz'] });
    const caller = await this.login('caller');
    const made = await call<CreatedToken>(this.maas, '/maas-api/v1/tokens', { method: 'POST', token: caller });
    this.credentials = { token: made.body.token, identity: await this.login('somebody'), admin };
    const { status, text } = await call(this.maas, '/v1/models/fake', { token: this.credentials.token });
    if (status !== 200) throw new Error(`inference is not there to be asked: ${status} ${text}`);
    return this.credentials;
  }

  async send({ method, path, as, headers, body }: FuzzRequest): Promise<Response> {
    const authorization = `Bearer ${this.credentials[as]}`;
    const response = await fetch(`${this.maas.url}${path}`, {
      method,
      headers: { ...headers, authorization },
      redirect: 'manual',
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  /** @returns all that came back; undefined when the server still waits for more */
  async sendRaw(bytes: string): Promise<string | undefined> {
    const connection = await RawConnection.open(this.maas.url);
    const late = later(PATIENCE).then(() => undefined);
    const rest = await Promise.race([connection.send(bytes).halfClose().rest(), late]);
    connection.close();
    return rest;
  }

  private async login(username: string): Promise<string> {
    const body = { username, password: PASSWORD };
    const { status, text, body: result } = await call<LoginResult>(this.maas, '/maas-api/v1/login', { body });
    if (status !== 200) throw new Error(`${username} cannot sign in: ${text}`);
    return result.token;
  }
}
