import { type DynamicModule, Global, Module } from '@nestjs/common';
import { CONFIG, type Config } from './config.js';
import { Clock } from './http/clock.js';

/** What the process was started with, for every room. */
@Global()
@Module({})
export class SettingsModule {
  static with(config: Config, clock: Clock): DynamicModule {
    return {
      module: SettingsModule,
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: Clock, useValue: clock },
      ],
      exports: [CONFIG, Clock],
    };
  }
}
