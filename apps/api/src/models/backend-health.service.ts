import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Backend as ShownBackend, Model as ShownModel } from '@maas/contracts/models';
import type { Backend } from '@maas/database/client';
import { Clock } from '../http/clock.js';
import { BackendHealth } from './backend-health.js';
import type { StoredBackend, StoredModel } from './shown-model.js';

type Address = Pick<Backend, 'id' | 'modelId' | 'url' | 'upstreamModel' | 'sealedCredential'>;

interface Entry {
  readonly address: string;
  readonly health: BackendHealth;
}

/** A backend stopped or began to be ready. */
export interface Transition {
  readonly backendId: string;
  readonly modelId: string;
  readonly ready: boolean;
  /** null when it is back. */
  readonly reason: string | null;
}

type Name = Pick<Transition, 'backendId' | 'modelId'>;

/**
 * The health of every backend, as this process sees it. The proxy reports to it; the list of models and the administration
 * read it. It outlives a change of weight or of `enabled`; a backend with another address begins anew.
 */
@Injectable()
export class BackendHealthRegistry {
  private readonly logger = new Logger('Backends');
  private readonly entries = new Map<string, Entry>();
  /** Those that are not ready: one that asked to be left alone gets so by time passing, which nobody reports. */
  private readonly unready = new Map<BackendHealth, Name>();
  private changes = 0;
  private observe: (transition: Transition) => void = () => undefined;

  constructor(@Inject(Clock) private readonly clock: Clock) {}

  /** Another number whenever a backend has stopped or begun to be ready. */
  get version(): number {
    if (this.unready.size > 0) this.noticeCooled();
    return this.changes;
  }

  /** Who is told of every transition, on the path of a request: it must not take time, nor throw. */
  observeBy(observe: (transition: Transition) => void): void {
    this.observe = observe;
  }

  /** The health of a backend, which is taken for good until something else is known. */
  of({ id, modelId, url, upstreamModel, sealedCredential }: Address): BackendHealth {
    const address = JSON.stringify([url, upstreamModel, sealedCredential]);
    const known = this.entries.get(id);
    if (known?.address === address) return known.health;
    if (known) this.unready.delete(known.health);
    const health = new BackendHealth(this.clock, (changed) => {
      if (this.entries.get(id)?.health === changed) this.note(changed, { backendId: id, modelId });
    });
    this.entries.set(id, { address, health });
    return health;
  }

  /** Forgets the backends that are no more, once nothing is under way there. */
  retain(ids: ReadonlySet<string>): void {
    for (const [id, { health }] of this.entries) {
      if (ids.has(id) || health.outstanding > 0) continue;
      this.entries.delete(id);
      this.unready.delete(health);
    }
  }

  /** A backend with its health, as administrators see it. */
  show(backend: StoredBackend): ShownBackend {
    const health = this.entries.get(backend.id)?.health ?? new BackendHealth(this.clock, () => undefined);
    const takesRequests = backend.enabled && backend.weight > 0;
    const emptying = health.outstanding > 0 ? 'draining' : 'disabled';
    return { ...backend, state: takesRequests ? 'enabled' : emptying, health: health.shown() };
  }

  /** A model with its backends' health: ready when one of them is. */
  showModel(model: StoredModel): ShownModel {
    const now = this.clock.monotonic();
    const isReady = ({ id, enabled, weight }: StoredBackend) =>
      enabled && weight > 0 && (this.entries.get(id)?.health.isReady(now) ?? true);
    return {
      ...model,
      ready: model.ready && model.backends.some(isReady),
      backends: model.backends.map((backend) => this.show(backend)),
    };
  }

  private note(health: BackendHealth, name: Name): void {
    this.changes += 1;
    const now = this.clock.monotonic();
    const isKnownUnready = this.unready.delete(health);
    const shown = `${name.backendId} of ${name.modelId}`;
    if (health.isReady(now)) {
      this.observe({ ...name, ready: true, reason: null });
      return this.logger.log(`Backend ${shown} takes requests again`);
    }
    // It was ready in between, by time passing, and nobody looked.
    if (isKnownUnready) this.observe({ ...name, ready: true, reason: null });
    this.unready.set(health, name);
    this.observe({ ...name, ready: false, reason: health.lastError ?? null });
    const seconds = Math.ceil((health.admitsFrom(now) - now) / 1000);
    this.logger.warn(`Backend ${shown} takes no requests for ${seconds} s: ${health.lastError}`);
  }

  private noticeCooled(): void {
    const now = this.clock.monotonic();
    for (const [health, name] of this.unready) {
      if (!health.isReady(now)) continue;
      this.unready.delete(health);
      this.changes += 1;
      this.observe({ ...name, ready: true, reason: null });
    }
  }
}
