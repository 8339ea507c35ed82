import { type DynamicModule, Module } from '@nestjs/common';
import { AuthModule } from './auth/auth.module.js';
import type { Config } from './config.js';
import { DatabaseModule } from './database/database.module.js';
import { HealthController } from './health.controller.js';
import type { Clock } from './http/clock.js';
import { HttpModule } from './http/http.module.js';
import { KeyAgreement } from './key-agreement.service.js';
import { KubernetesModule } from './kubernetes/kubernetes.module.js';
import { BackendMetrics } from './metrics/backend-metrics.service.js';
import { ClusterMetrics } from './metrics/cluster-metrics.service.js';
import { MetricsServer } from './metrics/metrics-server.service.js';
import { RequestLog } from './metrics/request-log.service.js';
import { RequestObserver } from './metrics/request-observer.service.js';
import { StateMetrics } from './metrics/state-metrics.service.js';
import { ModelsModule } from './models/models.module.js';
import { Probes } from './probes.service.js';
import { ProxyModule } from './proxy/proxy.module.js';
import { SnapshotService } from './snapshot/snapshot.service.js';
import { SystemHealthService } from './system-health.service.js';
import { SettingsModule } from './settings.module.js';
import { TiersModule } from './tiers/tiers.module.js';
import { TokensModule } from './tokens/tokens.module.js';
import { Tracing } from './tracing/tracing.service.js';
import { UsageModule } from './usage/usage.module.js';

/** The table of contents. */
@Module({})
export class AppModule {
  static with(config: Config, databaseUrl: string, clock: Clock): DynamicModule {
    return {
      module: AppModule,
      imports: [
        SettingsModule.with(config, clock),
        DatabaseModule.forUrl(databaseUrl),
        HttpModule,
        KubernetesModule,
        AuthModule,
        TokensModule,
        TiersModule,
        ModelsModule,
        ProxyModule,
        UsageModule,
      ],
      controllers: [HealthController],
      providers: [
        SystemHealthService,
        KeyAgreement,
        SnapshotService,
        Probes,
        RequestObserver,
        RequestLog,
        StateMetrics,
        BackendMetrics,
        ClusterMetrics,
        MetricsServer,
        Tracing,
      ],
    };
  }
}
