import { Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { ErrorFilter } from './error.filter.js';
import { Readiness } from './readiness.js';
import { SchemaPipe } from './schema.pipe.js';

/** Plumbing without business words: validation, errors, probes. */
@Global()
@Module({
  providers: [Readiness, { provide: APP_PIPE, useClass: SchemaPipe }, { provide: APP_FILTER, useClass: ErrorFilter }],
  exports: [Readiness],
})
export class HttpModule {}
