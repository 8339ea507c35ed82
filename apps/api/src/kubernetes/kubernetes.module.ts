import { Global, Module } from '@nestjs/common';
import { ClusterReports } from './cluster-reports.service.js';
import { ClusterWatcher } from './cluster-watcher.service.js';

/** The connection to a cluster, for the rooms that follow what it has. */
@Global()
@Module({
  providers: [ClusterReports, ClusterWatcher],
  exports: [ClusterReports, ClusterWatcher],
})
export class KubernetesModule {}
