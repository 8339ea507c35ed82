import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ThrottlerModule } from '@nestjs/throttler';
import { CONFIG, type Config } from '../config.js';
import { AuditService } from './audit.service.js';
import { AuthController } from './auth.controller.js';
import { AuthGuard } from './auth.guard.js';
import { IdentityTokenStrategy } from './identity-token.strategy.js';
import { KubernetesIdentityService } from './kubernetes-identity.service.js';
import { KubernetesStrategy } from './kubernetes.strategy.js';
import { LocalStrategy } from './local.guard.js';
import { SetupService } from './setup.service.js';
import { SignInService } from './sign-in.service.js';
import { ThrottleGuard, throttles } from './throttle.guard.js';
import { TokenSignerService } from './token-signer.service.js';
import { UserDirectory } from './user-directory.service.js';
import { UsersService } from './users.service.js';

/** Who is calling: every route is guarded here, and closed unless it says to whom it is open. */
@Global()
@Module({
  imports: [ThrottlerModule.forRootAsync({ inject: [CONFIG], useFactory: (config: Config) => throttles(config) })],
  controllers: [AuthController],
  providers: [
    AuditService,
    SetupService,
    SignInService,
    TokenSignerService,
    UserDirectory,
    UsersService,
    KubernetesIdentityService,
    LocalStrategy,
    IdentityTokenStrategy,
    KubernetesStrategy,
    { provide: APP_GUARD, useClass: AuthGuard },
    { provide: APP_GUARD, useClass: ThrottleGuard },
  ],
  exports: [AuditService, SetupService, TokenSignerService, UserDirectory, UsersService],
})
export class AuthModule {}
