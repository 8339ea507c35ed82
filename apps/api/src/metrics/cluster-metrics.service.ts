import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge, type Registry } from 'prom-client';
import { ClusterWatcher } from '../kubernetes/cluster-watcher.service.js';
import type { WatchTally } from '../kubernetes/source-watch.js';
import { type Sample, sampled } from './sampled.js';

const MILLISECONDS = 1000;

/** What is followed in a cluster, and how that goes. Only the process that watches can say; all others say that they do not. */
@Injectable()
export class ClusterMetrics {
  constructor(@Inject(ClusterWatcher) private readonly cluster: ClusterWatcher) {}

  register(registry: Registry): void {
    const { cluster } = this;
    sampled(
      registry,
      Gauge,
      'maas_cluster_leader',
      '1: this process watches the cluster; of all that share a database one does. Absent: nothing is to be watched by it.',
      () => (cluster.isCandidate ? Number(cluster.leads) : undefined),
    );
    sampled(
      registry,
      Gauge,
      'maas_cluster_watch_age_seconds',
      'Since when the API server has said nothing of what is watched, not even that nothing has changed.',
      () => this.ofSources(({ unheard }) => [[{}, unheard / MILLISECONDS]]),
      ['source'],
    );
    sampled(
      registry,
      Gauge,
      'maas_cluster_objects',
      'Objects of the cluster, or tiers of its document: followed as they are, or refused.',
      () => this.ofSources(({ followed, refused }) => [[{ state: 'followed' }, followed], [{ state: 'refused' }, refused]]), // prettier-ignore
      ['source', 'state'],
    );
    sampled(
      registry,
      Counter,
      'maas_cluster_watch_errors_total',
      'Lists and watches that failed since this process watches, by kind; gone: all had to be listed again.',
      () => this.ofSources(({ failures }) => [...failures].map(([kind, count]): Sample => [{ kind }, count])),
      ['source', 'kind'],
    );
  }

  private ofSources(read: (tally: WatchTally) => readonly Sample[]): Sample[] {
    return [...this.cluster.tallies()].flatMap(([source, tally]) =>
      read(tally).map(([labels, value]): Sample => [{ source, ...labels }, value]),
    );
  }
}
