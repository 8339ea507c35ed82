import { Module } from '@nestjs/common';
import { Limiter } from './limiter.service.js';
import { MappedTiers } from './mapped-tiers.service.js';
import { PeopleController } from './people.controller.js';
import { TierInsightController } from './tier-insight.controller.js';
import { TierInsight } from './tier-insight.service.js';
import { TierConfigMap } from './tier-config-map.service.js';
import { TierDirectory } from './tier-directory.service.js';
import { TiersController } from './tiers.controller.js';
import { TiersService } from './tiers.service.js';

/** Who may use how much. */
@Module({
  controllers: [TierInsightController, TiersController, PeopleController],
  providers: [TiersService, TierInsight, TierDirectory, TierConfigMap, MappedTiers, Limiter],
  exports: [TierDirectory, TiersService, Limiter],
})
export class TiersModule {}
