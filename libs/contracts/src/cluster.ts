import { z } from 'zod';
import { Instant } from './paging.js';

/** How it stands with one kind of object that is watched in a cluster. */
export const WatchedKind = z
  .object({
    what: z.string().meta({ example: 'LLMInferenceServices of all namespaces' }),
    state: z.enum(['starting', 'watching', 'absent', 'forbidden', 'failing']).meta({
      description:
        'absent: the cluster does not know the kind; forbidden: a right is missing; failing: the API server does not answer.',
    }),
    since: Instant.meta({ description: 'When that state began.' }),
    problem: z.string().optional().meta({ description: 'What the API server said, and what to do.' }),
  })
  .meta({ id: 'WatchedKind' });
export type WatchedKind = z.infer<typeof WatchedKind>;

/** Something of an object that cannot be followed, or not all of it. */
export const ClusterProblem = z
  .object({
    object: z.string().meta({ example: 'LLMInferenceService llm/qwen3' }),
    problem: z.string(),
  })
  .meta({ id: 'ClusterProblem' });
export type ClusterProblem = z.infer<typeof ClusterProblem>;

/** What is watched in a cluster for models or for tiers, and what came of it. */
export const ClusterReport = z
  .object({
    watched: z.array(WatchedKind),
    found: z.int().meta({ description: 'Objects, or tiers of the document, that were seen.' }),
    used: z.int().meta({ description: 'Of those, the ones that are in service as they are.' }),
    problems: z.array(ClusterProblem).meta({ description: 'At most 50.' }),
  })
  .meta({ id: 'ClusterReport' });
export type ClusterReport = z.infer<typeof ClusterReport>;

/** Where a model was found, while models are discovered: what the cluster says is not changed here. */
export const Discovery = z
  .object({
    kind: z.string().meta({ example: 'LLMInferenceService' }),
    namespace: z.string(),
    name: z.string(),
    ready: z.boolean().meta({ description: 'Whether the object says so.' }),
    note: z.string().nullable().meta({ description: 'Why it is not ready, or what of it cannot be followed.' }),
  })
  .meta({ id: 'Discovery' });
export type Discovery = z.infer<typeof Discovery>;
