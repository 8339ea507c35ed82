import { Module } from '@nestjs/common';
import { AccessTokenStrategy } from './access-token.strategy.js';
import { AccountDirectory } from './account-directory.service.js';
import { AccountIssuer } from './account-issuer.service.js';
import { AccountSweeper } from './account-sweeper.service.js';
import { AccountTokens } from './account-tokens.service.js';
import { AdminTokensController } from './admin-tokens.controller.js';
import { ClusterAccounts } from './cluster-accounts.service.js';
import { Revocations } from './revocations.service.js';
import { TokenListService } from './token-list.service.js';
import { TokenUses } from './token-uses.service.js';
import { TokenVerifier } from './token-verifier.service.js';
import { TokensController } from './tokens.controller.js';
import { TokensService } from './tokens.service.js';

/** Short-lived access tokens: issued here or by the cluster, listed, revoked, and verified without a database. */
@Module({
  controllers: [TokensController, AdminTokensController],
  providers: [
    TokensService,
    TokenListService,
    TokenVerifier,
    TokenUses,
    Revocations,
    AccessTokenStrategy,
    AccountDirectory,
    AccountIssuer,
    AccountSweeper,
    AccountTokens,
    ClusterAccounts,
  ],
  exports: [TokenVerifier, TokenUses, Revocations, AccountDirectory, AccountIssuer],
})
export class TokensModule {}
