import { Module } from '@nestjs/common';
import { RequestsController } from './requests.controller.js';
import { RequestsService } from './requests.service.js';
import { UsageController } from './usage.controller.js';
import { UsageDays } from './usage-days.service.js';
import { UsageNames } from './usage-names.service.js';
import { UsageRecorder } from './usage-recorder.service.js';
import { UsageRetention } from './usage-retention.service.js';
import { UsageService } from './usage.service.js';

/** What was used: recorded off the hot path, summed up by the hour. */
@Module({
  controllers: [UsageController, RequestsController],
  providers: [UsageRecorder, UsageService, UsageNames, UsageDays, UsageRetention, RequestsService],
  exports: [UsageRecorder],
})
export class UsageModule {}
