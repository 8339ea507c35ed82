import { type DynamicModule, Global, Module } from '@nestjs/common';
import { ChangeFeedService } from './change-feed.service.js';
import { ChangeRetention } from './change-retention.service.js';
import { DatabaseService } from './database.service.js';
import { ProcessMarks } from './process-marks.service.js';

/** The connection to Postgres and the feed of changes, for every room. */
@Global()
@Module({})
export class DatabaseModule {
  static forUrl(url: string): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [
        { provide: DatabaseService, useFactory: () => new DatabaseService(url) },
        { provide: ProcessMarks, useFactory: () => new ProcessMarks(url) },
        ChangeFeedService,
        ChangeRetention,
      ],
      exports: [DatabaseService, ProcessMarks, ChangeFeedService],
    };
  }
}
