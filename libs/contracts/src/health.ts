import { z } from 'zod';
import { ClusterReport } from './cluster.js';
import { Instant } from './paging.js';
import { LimitsPolicy } from './tiers.js';

/** How a part of the platform is: it works, it works with less than all, it does not. */
export const HealthStatus = z.enum(['ok', 'degraded', 'down']);
export type HealthStatus = z.infer<typeof HealthStatus>;

const part = {
  status: HealthStatus,
  message: z
    .string()
    .meta({ description: 'A sentence that says what it means, and what to do where something is wrong.' }),
};

/** What is watched in a cluster, by whichever process does so, as that one said last. */
const ClusterSource = ClusterReport.extend({
  source: z
    .enum(['models', 'tiers', 'rights'])
    .meta({ description: 'rights: what the process that answers may do there, as it has just asked.' }),
  ...part,
  process: z.string().nullable().meta({ description: 'Host and process id of who watches; null: nobody has yet.' }),
  confirmedAt: Instant.nullable(),
}).meta({ id: 'ClusterSource' });
export type ClusterSource = z.infer<typeof ClusterSource>;

/** How the process that answers is, and what it needs. */
export const SystemHealth = z
  .object({
    object: z.literal('health'),
    status: HealthStatus.meta({ description: 'The worst of the parts.' }),
    at: Instant,
    version: z.string(),
    startedAt: Instant,
    uptimeSeconds: z.number(),
    process: z.object({
      id: z.int(),
      host: z.string(),
      node: z.string().meta({ description: 'The version of Node.js.' }),
      memoryBytes: z.int().meta({ description: 'Resident memory.' }),
    }),
    parts: z.object({
      database: z.object({ ...part, latencyMs: z.number().nullable(), embedded: z.boolean() }),
      changeFeed: z.object({
        ...part,
        behind: z.int().nullable().meta({ description: 'Changes that this process has not read yet.' }),
        lagSeconds: z.number().nullable().meta({ description: 'The age of the oldest of those; 0: none.' }),
      }),
      usage: z.object({
        ...part,
        backlogRows: z.int().meta({ description: 'Rows that the database does not have yet.' }),
        journalWritable: z.boolean().meta({ description: 'false: its disk or its quota is full, or it is read-only.' }),
        journalBytes: z.int().meta({ description: 'What the folder of the journal holds.' }),
        journalQuotaBytes: z.int().meta({ description: 'What it may hold (USAGE_JOURNAL_QUOTA).' }),
        accepting: z
          .boolean()
          .meta({ description: 'false: inference is refused for every tier, because its usage could not be kept.' }),
      }),
      limiter: z.object({
        ...part,
        kind: z.enum(['memory', 'postgres', 'redis']).meta({ description: 'memory: exact for one process only.' }),
        state: z.enum(['process', 'shared', 'fallback']).meta({
          description: 'process: counted in this process alone; fallback: the shared store is away.',
        }),
        since: Instant.meta({ description: 'When that state began.' }),
        whenUnavailable: LimitsPolicy.meta({
          description: 'What is done during a fallback with requests whose tier says nothing of its own.',
        }),
        admittedInFallback: z.int().meta({
          description: 'Requests that this process let in since its start without counting them with the others.',
        }),
        timeouts: z.int().meta({
          description: 'Answers of the shared store that did not come in time, since the start of this process.',
        }),
      }),
      keys: z.object({
        ...part,
        problems: z.int().meta({
          description:
            'Keys that another process on the database uses and this one does not have, and backends left out because their credentials cannot be opened here.',
        }),
      }),
      backends: z.object({
        ...part,
        up: z.int(),
        down: z.int(),
        modelsDown: z
          .array(z.string())
          .meta({ description: 'Enabled models that nobody can answer for now, at most 20.' }),
      }),
      cluster: z.object({
        ...part,
        sources: z.array(ClusterSource).meta({ description: 'What is watched; none: nothing is.' }),
      }),
    }),
  })
  .meta({ id: 'SystemHealth' });
export type SystemHealth = z.infer<typeof SystemHealth>;
