import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { ClusterProblem } from '@maas/contracts/cluster';
import { CONFIG, type Config } from '../config.js';
import { ChangeFeedService } from '../database/change-feed.service.js';
import { ClusterWatcher } from '../kubernetes/cluster-watcher.service.js';
import type { Outcome, Seen, WatchedCollection } from '../kubernetes/source-watch.js';
import { type LeftTier, MappedTiers } from './mapped-tiers.service.js';
import { readTierMapping } from './tier-mapping.js';

/** Follows the ConfigMap that says which tiers there are, and whose. A document that is not good changes nothing. */
@Injectable()
export class TierConfigMap implements OnModuleInit {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(ClusterWatcher) private readonly cluster: ClusterWatcher,
    @Inject(ChangeFeedService) private readonly feed: ChangeFeedService,
    @Inject(MappedTiers) private readonly tiers: MappedTiers,
  ) {}

  onModuleInit(): void {
    const { TIERS_CONFIG_MAP: configMap } = this.config;
    if (configMap === undefined) return;
    const collection = collectionOf(configMap);
    const follow = (seen: Seen) => this.follow(seen, configMap, collection.path);
    this.cluster.register({ name: 'tiers', collections: [collection], follow });
    // What left the document may be deleted here.
    this.feed.follow('tiers', async () => this.cluster.followAgain('tiers'));
  }

  private async follow(seen: Seen, configMap: string, path: string): Promise<Outcome> {
    const found = seen.get(path);
    if (!found) return { found: 0, used: 0, refused: 0, problems: [] };
    const object = found.get(configMap);
    const document = object
      ? readTierMapping(object['data'] as Record<string, unknown> | undefined)
      : { problem: 'it does not exist' };
    if ('problem' in document) return this.refuse(configMap, document.problem);
    await this.tiers.follow(document.tiers, configMap);
    const left = await this.tiers.left();
    const problems = left.map((tier): ClusterProblem => ({ object: `ConfigMap ${configMap}`, problem: leftOut(tier) }));
    return { found: document.tiers.length, used: document.tiers.length, refused: 0, problems };
  }

  private async refuse(configMap: string, problem: string): Promise<Outcome> {
    const used = await this.tiers.count();
    return {
      found: used,
      used,
      refused: 1,
      problems: [
        {
          object: `ConfigMap ${configMap}`,
          problem: `it is refused, and what was good last stays in service: ${problem}`,
        },
      ],
    };
  }
}

function leftOut({ name, overrides }: LeftTier): string {
  const rest =
    overrides > 0 ? `${overrides} people who have it by an override keep it` : 'nobody has it by an override';
  return `it no longer names the tier ${name}, which nobody has by a group any more; ${rest}. Delete or change it here, or name it again`;
}

function collectionOf(configMap: string): WatchedCollection {
  const [namespace = '', name = ''] = configMap.split('/');
  return {
    path: `/api/v1/namespaces/${namespace}/configmaps`,
    fieldSelector: `metadata.name=${name}`,
    what: `the ConfigMap ${configMap}`,
    right: `give the ServiceAccount the verbs list and watch on the ConfigMap ${name} in the namespace ${namespace}`,
  };
}
