import { Module } from '@nestjs/common';
import { AccessTokenStrategy } from './access-token.strategy.js';
import { AdminTokensController } from './admin-tokens.controller.js';
import { Revocations } from './revocations.service.js';
import { TokenListService } from './token-list.service.js';
import { TokenUses } from './token-uses.service.js';
import { TokenVerifier } from './token-verifier.service.js';
import { TokensController } from './tokens.controller.js';
import { TokensService } from './tokens.service.js';

/** Short-lived access tokens: issued, listed, revoked, and verified without a database. */
@Module({
  controllers: [TokensController, AdminTokensController],
  providers: [TokensService, TokenListService, TokenVerifier, TokenUses, Revocations, AccessTokenStrategy],
  exports: [TokenVerifier, TokenUses, Revocations],
})
export class TokensModule {}
