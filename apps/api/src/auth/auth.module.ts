import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ThrottlerModule } from '@nestjs/throttler';
import { CONFIG, type Config } from '../config.js';
import { AuditController } from './audit.controller.js';
import { AuditService } from './audit.service.js';
import { AuthController } from './auth.controller.js';
import { AuthGuard } from './auth.guard.js';
import { BrowserSignInController } from './browser-sign-in.controller.js';
import { BrowserSignIn } from './browser-sign-in.service.js';
import { IdentityTokenStrategy } from './identity-token.strategy.js';
import { AccessReviews } from './access-reviews.service.js';
import { ClusterRights } from './cluster-rights.service.js';
import { KubernetesApi } from './kubernetes-api.service.js';
import { KubernetesIdentityService } from './kubernetes-identity.service.js';
import { KubernetesStrategy } from './kubernetes.strategy.js';
import { LocalStrategy } from './local.guard.js';
import { OidcProvider } from './oidc-provider.service.js';
import { OidcTokenStrategy } from './oidc-token.strategy.js';
import { OidcTokens } from './oidc-tokens.service.js';
import { OpenShiftOAuth } from './openshift-oauth.service.js';
import { SessionController } from './session.controller.js';
import { SessionStore } from './session-store.service.js';
import { SessionStrategy } from './session.strategy.js';
import { SessionUses } from './session-uses.service.js';
import { SessionsService } from './sessions.service.js';
import { SetupService } from './setup.service.js';
import { SignInOptionsService } from './sign-in-options.service.js';
import { SignInService } from './sign-in.service.js';
import { ThrottleGuard, throttles } from './throttle.guard.js';
import { TokenSignerService } from './token-signer.service.js';
import { UserDirectory } from './user-directory.service.js';
import { UserListService } from './user-list.service.js';
import { UsersService } from './users.service.js';

/** Who is calling: every route is guarded here, and closed unless it says to whom it is open. */
@Global()
@Module({
  imports: [ThrottlerModule.forRootAsync({ inject: [CONFIG], useFactory: (config: Config) => throttles(config) })],
  controllers: [AuthController, AuditController, SessionController, BrowserSignInController],
  providers: [
    AuditService,
    SetupService,
    SignInService,
    TokenSignerService,
    UserDirectory,
    UserListService,
    UsersService,
    KubernetesApi,
    ClusterRights,
    KubernetesIdentityService,
    AccessReviews,
    OidcProvider,
    OidcTokens,
    OpenShiftOAuth,
    BrowserSignIn,
    SignInOptionsService,
    SessionStore,
    SessionUses,
    SessionsService,
    LocalStrategy,
    IdentityTokenStrategy,
    OidcTokenStrategy,
    KubernetesStrategy,
    SessionStrategy,
    { provide: APP_GUARD, useClass: AuthGuard },
    { provide: APP_GUARD, useClass: ThrottleGuard },
  ],
  exports: [
    AccessReviews,
    AuditService,
    ClusterRights,
    KubernetesApi,
    SetupService,
    TokenSignerService,
    UserDirectory,
    UserListService,
    UsersService,
  ],
})
export class AuthModule {}
