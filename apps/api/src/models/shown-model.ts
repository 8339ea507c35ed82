import type { Backend, Model } from '@maas/contracts/models';
import type { Prisma } from '@maas/database/client';

/** What is read of a backend in order to show it. The sealed credential is read only to say whether there is one. */
export const backendParts = {
  id: true,
  url: true,
  upstreamModel: true,
  weight: true,
  enabled: true,
  bundled: true,
  sealedCredential: true,
  createdAt: true,
  updatedAt: true,
} as const satisfies Prisma.BackendSelect;

export const modelParts = {
  backends: { orderBy: { id: 'asc' }, select: backendParts },
  tiers: { orderBy: { tierName: 'asc' } },
  discovery: { select: { kind: true, namespace: true, name: true, ready: true, note: true } },
} as const satisfies Prisma.ModelInclude;

type BackendRow = Prisma.BackendGetPayload<{ select: typeof backendParts }>;
type ModelRow = Prisma.ModelGetPayload<{ include: typeof modelParts }>;

/** A backend as it is kept, and written into the audit log. How it stands at the moment is not kept. */
export type StoredBackend = Omit<Backend, 'health' | 'state'>;
export type StoredModel = Omit<Model, 'backends'> & { backends: StoredBackend[] };

/** A backend as administrators see it: never its credential. */
export function storedBackend({ sealedCredential, createdAt, updatedAt, ...row }: BackendRow): StoredBackend {
  return {
    object: 'backend',
    ...row,
    hasCredential: sealedCredential !== null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

export function storedModel({ backends, tiers, createdAt, updatedAt, ...row }: ModelRow): StoredModel {
  return {
    object: 'model',
    ...row,
    tiers: tiers.map(({ tierName }) => tierName),
    ready: row.enabled && backends.some(({ enabled, weight }) => enabled && weight > 0),
    backends: backends.map(storedBackend),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
