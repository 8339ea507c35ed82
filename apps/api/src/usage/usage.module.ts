import { Module } from '@nestjs/common';
import { UsageController } from './usage.controller.js';
import { UsageRecorder } from './usage-recorder.service.js';
import { UsageService } from './usage.service.js';

/** What was used: recorded off the hot path, summed up by the hour. */
@Module({
  controllers: [UsageController],
  providers: [UsageRecorder, UsageService],
  exports: [UsageRecorder],
})
export class UsageModule {}
