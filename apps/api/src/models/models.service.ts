import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type {
  Backend,
  CreateBackend,
  CreateModel,
  Model,
  ModelQuery,
  UpdateBackend,
  UpdateModel,
} from '@maas/contracts/models';
import type { Prisma } from '@maas/database/client';
import { type Actor, AuditService } from '../auth/audit.service.js';
import { ChangeFeedService, type Transaction } from '../database/change-feed.service.js';
import { page, readCursor, UUID } from '../database/cursor.js';
import { isUniqueViolation } from '../database/database-error.js';
import { DatabaseService } from '../database/database.service.js';
import { defined } from '../database/defined.js';
import { containing } from '../database/search.js';
import { ApiError } from '../http/api-error.js';
import { CONFIG, type Config } from '../config.js';
import { Clock } from '../http/clock.js';
import { BackendHealthRegistry } from './backend-health.service.js';
import { BackendAddresses } from './backend-address.js';
import { CredentialVault } from './credential-vault.js';
import {
  backendParts,
  modelParts,
  type StoredBackend,
  storedBackend,
  type StoredModel,
  storedModel,
} from './shown-model.js';

/** The models and their backends as administrators keep them: the only writer of their tables. */
@Injectable()
export class ModelsService {
  private readonly addresses: BackendAddresses;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(ChangeFeedService) private readonly feed: ChangeFeedService,
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(CredentialVault) private readonly vault: CredentialVault,
    @Inject(BackendHealthRegistry) private readonly health: BackendHealthRegistry,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    this.addresses = new BackendAddresses(config.UPSTREAM_ALLOWED_NETWORKS);
  }

  /** By id. */
  async list({ limit, after, search, enabled, tier }: ModelQuery) {
    const cursor = readCursor(after, /^[A-Za-z0-9._:/-]{1,128}$/);
    const rows = await this.database.client.model.findMany({
      where: {
        ...(cursor ? { id: { gt: cursor } } : {}),
        ...(search ? { OR: [{ id: containing(search) }, { name: containing(search) }] } : {}),
        ...(enabled === undefined ? {} : { enabled }),
        ...(tier ? { tiers: { some: { tierName: tier } } } : {}),
      },
      orderBy: { id: 'asc' },
      take: limit + 1,
      include: modelParts,
    });
    return page(
      rows,
      limit,
      (row) => row.id,
      (row) => this.show(storedModel(row)),
    );
  }

  async get(id: string): Promise<Model> {
    return this.show(await this.find(this.database.client, id));
  }

  /** @param marks `bundled` for the models that come with an installation */
  async create(
    actor: Actor,
    { backends, tiers, ...wish }: CreateModel,
    marks: { bundled: boolean } = { bundled: false },
  ): Promise<Model> {
    const now = new Date(this.clock.now());
    try {
      const created = await this.feed.change({ topic: 'models', key: wish.id }, async (transaction) => {
        await requireTiers(transaction, tiers);
        await transaction.model.create({
          data: {
            ...wish,
            createdAt: now,
            updatedAt: now,
            tiers: { create: namedOnce(tiers) },
            backends: { create: backends.map((backend) => ({ ...this.backendData(backend, now), ...marks })) },
          },
        });
        const model = await this.find(transaction, wish.id);
        await this.audit.record(transaction, actor, { action: 'model.create', ...target(wish.id), after: model });
        return model;
      });
      return this.show(created);
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw await this.taken(wish.id);
    }
  }

  /** @throws ApiError 409 when somebody else changed the model since `version` was read */
  async update(actor: Actor, id: string, { version, tiers, ...wish }: UpdateModel): Promise<Model> {
    const updated = await this.feed.change({ topic: 'models', key: id }, async (transaction) => {
      const before = await this.findOurs(transaction, id);
      await this.audit.requireVersion(transaction, { ...target(id), current: before.version, read: version });
      if (tiers) await requireTiers(transaction, tiers);
      await transaction.model.update({
        where: { id },
        data: {
          ...defined(wish),
          ...(tiers ? { tiers: { deleteMany: {}, create: namedOnce(tiers) } } : {}),
          version: { increment: 1 },
          updatedAt: new Date(this.clock.now()),
        },
      });
      const after = await this.find(transaction, id);
      await this.audit.record(transaction, actor, { action: 'model.update', ...target(id), before, after });
      return after;
    });
    return this.show(updated);
  }

  async remove(actor: Actor, id: string): Promise<void> {
    await this.feed.change({ topic: 'models', key: id }, async (transaction) => {
      const before = await this.findOurs(transaction, id);
      await transaction.model.delete({ where: { id } });
      await this.audit.record(transaction, actor, { action: 'model.delete', ...target(id), before });
    });
  }

  async addBackend(actor: Actor, modelId: string, wish: CreateBackend): Promise<Backend> {
    const data = this.backendData(wish, new Date(this.clock.now()));
    const added = await this.feed.change({ topic: 'models', key: modelId }, async (transaction) => {
      await this.findOurs(transaction, modelId);
      const backend = await transaction.backend.create({ data: { ...data, modelId }, select: backendParts });
      const after = storedBackend(backend);
      await this.audit.record(transaction, actor, { action: 'backend.create', ...target(modelId), after });
      return after;
    });
    return this.health.show(added);
  }

  /** @throws ApiError 400 when its credential would go to another address than the one that it was given for */
  async updateBackend(actor: Actor, modelId: string, id: string, wish: UpdateBackend): Promise<Backend> {
    const { credential, ...fields } = wish;
    if (fields.url !== undefined) this.requireAllowedHost(fields.url);
    const sealed = credential === undefined ? {} : { sealedCredential: this.sealed(credential, id) };
    const updated = await this.feed.change({ topic: 'models', key: modelId }, async (transaction) => {
      const before = await this.findBackend(transaction, modelId, id);
      await this.findOurs(transaction, modelId);
      const url = fields.url ?? before.url;
      if (before.hasCredential && credential === undefined) requireSameOrigin(url, before.url);
      // Whoever gives it another address, or a credential, does not mean the simulator any more.
      const bundled = before.bundled && url === before.url && (credential ?? null) === null;
      const data = { ...defined(fields), ...sealed, bundled, updatedAt: new Date(this.clock.now()) };
      const after = storedBackend(await transaction.backend.update({ where: { id }, data, select: backendParts }));
      await this.audit.record(transaction, actor, {
        action: 'backend.update',
        ...target(modelId),
        before,
        after: { ...after, ...(credential === undefined ? {} : { credentialChanged: true }) },
      });
      return after;
    });
    return this.health.show(updated);
  }

  /** Points the backends that come with an installation, and are still as they came, to where its simulator listens now. */
  async moveBundled(actor: Actor, url: string): Promise<void> {
    const where = { bundled: true, sealedCredential: null, url: { not: url } };
    if ((await this.database.client.backend.count({ where })) === 0) return;
    await this.feed.change({ topic: 'models' }, async (transaction) => {
      const select = { ...backendParts, modelId: true };
      for (const { modelId, ...row } of await transaction.backend.findMany({ where, select })) {
        const before = storedBackend(row);
        await transaction.backend.update({ where: { id: row.id }, data: { url } });
        const after = { ...before, url };
        await this.audit.record(transaction, actor, { action: 'backend.update', ...target(modelId), before, after });
      }
    });
  }

  async removeBackend(actor: Actor, modelId: string, id: string): Promise<void> {
    await this.feed.change({ topic: 'models', key: modelId }, async (transaction) => {
      const before = await this.findBackend(transaction, modelId, id);
      await this.findOurs(transaction, modelId);
      await transaction.backend.delete({ where: { id } });
      await this.audit.record(transaction, actor, { action: 'backend.delete', ...target(modelId), before });
    });
  }

  private backendData({ credential, ...wish }: CreateBackend, now: Date) {
    const id = uuidv7();
    this.requireAllowedHost(wish.url);
    return { id, ...wish, sealedCredential: this.sealed(credential ?? null, id), createdAt: now, updatedAt: now };
  }

  /** @throws ApiError 400. A name is resolved when it is connected to: what it leads to today says nothing of tomorrow. */
  private requireAllowedHost(url: string): void {
    if (!this.addresses.refusesHost(url)) return;
    throw new ApiError('invalid_request', {
      message: 'url must not lead to a link-local or multicast address, nor to a metadata service of a cloud',
      param: 'url',
    });
  }

  private sealed(credential: string | null, backendId: string): string | null {
    return credential === null ? null : this.vault.seal(credential, backendId);
  }

  private async find(client: Prisma.TransactionClient, id: string): Promise<StoredModel> {
    const model = await client.model.findUnique({ where: { id }, include: modelParts });
    if (model) return storedModel(model);
    throw new ApiError('not_found', { message: 'There is no such model' });
  }

  /** @throws ApiError 409 for a model that follows an object of the cluster */
  private async findOurs(transaction: Transaction, id: string): Promise<StoredModel> {
    const model = await this.find(transaction, id);
    const { discovery } = this.following(model);
    if (!discovery) return model;
    throw new ApiError('conflict', {
      message: `The model ${id} follows the ${discovery.kind} ${discovery.namespace}/${discovery.name} of the cluster; change it there`,
    });
  }

  /** What was found in the cluster is like any other while nothing is looked for there. */
  private following(model: StoredModel): StoredModel {
    return this.config.KSERVE_DISCOVERY ? model : { ...model, discovery: null };
  }

  private show(model: StoredModel): Model {
    return this.health.showModel(this.following(model));
  }

  private async taken(id: string): Promise<ApiError> {
    const { discovery } = await this.find(this.database.client, id);
    const whose = discovery
      ? `, found in the cluster (${discovery.kind} ${discovery.namespace}/${discovery.name})`
      : '';
    return new ApiError('conflict', { message: `There is a model with the id ${id} already${whose}`, param: 'id' });
  }

  private async findBackend(client: Prisma.TransactionClient, modelId: string, id: string): Promise<StoredBackend> {
    const where = { id, modelId };
    const backend = UUID.test(id) ? await client.backend.findFirst({ where, select: backendParts }) : null;
    if (backend) return storedBackend(backend);
    throw new ApiError('not_found', { message: 'This model has no such backend' });
  }
}

/** What is write-only would be told to whoever has the new address. @throws ApiError 400 */
function requireSameOrigin(url: string, before: string): void {
  if (new URL(url).origin === new URL(before).origin) return;
  throw new ApiError('invalid_request', {
    message: 'This backend gets another address: give its credential again, or null for none',
    param: 'credential',
  });
}

async function requireTiers(transaction: Transaction, names: readonly string[]): Promise<void> {
  const known = await transaction.tier.findMany({ where: { name: { in: [...names] } }, select: { name: true } });
  const missing = names.filter((name) => !known.some((tier) => tier.name === name));
  if (missing.length === 0) return;
  throw new ApiError('invalid_request', { message: `There is no tier named ${missing.join(', ')}`, param: 'tiers' });
}

function namedOnce(tiers: readonly string[]): { tierName: string }[] {
  return [...new Set(tiers)].map((tierName) => ({ tierName }));
}

function target(id: string): { targetType: string; targetId: string } {
  return { targetType: 'model', targetId: id };
}
