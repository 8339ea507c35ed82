import { CreateModel } from '@maas/contracts/models';

/** The models of a fresh installation, as in the guide's example; the bundled simulator answers for both. */
export function firstModels(simulatorUrl: string): CreateModel[] {
  const served = {
    ownedBy: 'maas',
    contextWindow: 32_768,
    maxOutputTokens: 4096,
    capabilities: ['chat', 'completions', 'embeddings', 'responses', 'tools', 'streaming'],
    backends: [{ url: simulatorUrl }],
  };
  return [
    CreateModel.parse({
      id: 'simulator',
      name: 'Simulator Model',
      description: 'Invents answers at a human pace, to try the platform with.',
      tiers: ['free', 'premium', 'enterprise'],
      ...served,
    }),
    CreateModel.parse({
      id: 'qwen3',
      name: 'Qwen3 Model',
      description: 'Stands for a larger model, for the higher tiers; the simulator answers for it.',
      tiers: ['premium', 'enterprise'],
      ...served,
    }),
  ];
}
