import { readFileSync } from 'node:fs';
import { Inject, Injectable } from '@nestjs/common';
import type { SignInMethod, SignInOptions } from '@maas/contracts/sessions';
import { CONFIG, type Config } from '../config.js';
import { demoAccounts } from '../installation/demo-accounts.js';
import { KubernetesIdentityService } from './kubernetes-identity.service.js';
import { OidcProvider } from './oidc-provider.service.js';
import { OpenShiftOAuth } from './openshift-oauth.service.js';
import { UserDirectory } from './user-directory.service.js';

/** Both `src/auth` and `dist/auth` are two folders below the package. */
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** Says how people can sign in here. */
@Injectable()
export class SignInOptionsService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(UserDirectory) private readonly directory: UserDirectory,
    @Inject(KubernetesIdentityService) private readonly kubernetes: KubernetesIdentityService,
    @Inject(OidcProvider) private readonly oidc: OidcProvider,
    @Inject(OpenShiftOAuth) private readonly openshift: OpenShiftOAuth,
  ) {}

  read(): SignInOptions {
    return {
      methods: this.methods(),
      setupNeeded: !this.directory.some(({ role, suspended }) => role === 'admin' && !suspended),
      demoAccounts: this.demoAccounts(),
      version,
    };
  }

  private methods(): SignInMethod[] {
    const methods: SignInMethod[] = [];
    if (this.oidc.enabled) methods.push({ kind: 'oidc', label: this.config.OIDC_LABEL, url: '/auth/oidc/start' });
    if (this.openshift.enabled) methods.push({ kind: 'openshift', label: 'OpenShift', url: '/auth/openshift/start' });
    methods.push({ kind: 'local', label: 'Username and password' });
    if (this.kubernetes.enabled) methods.push({ kind: 'kubernetes', label: 'Kubernetes token' });
    return methods;
  }

  /** An installation with a database of its own begins without accounts. */
  private demoAccounts(): string[] {
    if (this.config.DATABASE_URL !== undefined) return [];
    const open = (name: string) =>
      this.directory.some(
        ({ provider, username, suspended }) => provider === 'local' && username === name && !suspended,
      );
    return demoAccounts('').flatMap(({ username }) => (open(username) ? [username] : []));
  }
}
