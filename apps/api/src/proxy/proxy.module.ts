import { Inject, Module } from '@nestjs/common';
import { ModelsModule } from '../models/models.module.js';
import { TierDirectory } from '../tiers/tier-directory.service.js';
import { TiersModule } from '../tiers/tiers.module.js';
import { AccountIssuer } from '../tokens/account-issuer.service.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { UsageModule } from '../usage/usage.module.js';
import { BackendDispatch } from './backend-dispatch.service.js';
import { BackendProber } from './backend-prober.service.js';
import { Gateway } from './gateway.service.js';
import { ListingController } from './listing.controller.js';
import { ModelAccess } from './model-access.service.js';
import { Overload } from './overload.service.js';
import { ProxyService } from './proxy.service.js';
import { StreamKeeper } from './stream-keeper.service.js';
import { Upstream } from './upstream.service.js';

/** The data plane: the only room that knows all the others. */
@Module({
  imports: [TokensModule, TiersModule, ModelsModule, UsageModule],
  controllers: [ListingController],
  providers: [Gateway, ModelAccess, Overload, ProxyService, BackendDispatch, BackendProber, StreamKeeper, Upstream],
  exports: [Gateway, Overload],
})
export class ProxyModule {
  constructor(@Inject(AccountIssuer) accounts: AccountIssuer, @Inject(TierDirectory) tiers: TierDirectory) {
    accounts.tiersBy((person) => tiers.require(person).tier.name);
  }
}
