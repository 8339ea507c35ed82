import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge, type Registry } from 'prom-client';
import { ModelDirectory } from '../models/model-directory.service.js';
import type { RoutableBackend } from '../models/routable-model.js';
import { troubleLabel } from './request-labels.js';
import { type Sample, sampled } from './sampled.js';

const states = ['closed', 'half-open', 'open'] as const;

/** What the process knows of the models that are enabled, and of their backends. */
@Injectable()
export class BackendMetrics {
  constructor(@Inject(ModelDirectory) private readonly models: ModelDirectory) {}

  register(registry: Registry): void {
    const ofBackend = ['model', 'backend'];
    sampled(
      registry,
      Gauge,
      'maas_model_ready',
      '1: one of the backends of the model can be expected to answer.',
      () => this.models.all.map(({ id, ready }): Sample => [{ model: id }, Number(ready)]),
      ['model'],
    );
    sampled(
      registry,
      Gauge,
      'maas_backend_info',
      '1, with the address of the backend.',
      () => this.ofBackends(({ origin }) => [[{ origin }, 1]]),
      [...ofBackend, 'origin'],
    );
    sampled(
      registry,
      Gauge,
      'maas_backend_state',
      '1 for the state that holds: closed: it takes requests; half-open: one is tried; open: it is left alone.',
      () =>
        this.ofBackends(({ health }) => {
          const { state } = health.shown();
          return states.map((each) => [{ state: each }, each === state ? 1 : 0]);
        }),
      [...ofBackend, 'state'],
    );
    sampled(
      registry,
      Gauge,
      'maas_backend_inflight_requests',
      'Requests under way at the backend.',
      () => this.ofBackends(({ health }) => [[{}, health.outstanding]]),
      ofBackend,
    );
    sampled(
      registry,
      Counter,
      'maas_backend_errors_total',
      'Attempts with the backend that failed, by kind; also those after which another backend answered.',
      () =>
        this.ofBackends(({ health }) => [...summed(health.troubles)].map(([kind, count]): Sample => [{ kind }, count])),
      [...ofBackend, 'kind'],
    );
  }

  private ofBackends(read: (backend: RoutableBackend) => readonly Sample[]): Sample[] {
    return this.models.all.flatMap(({ id: model, backends }) =>
      backends.flatMap((backend) =>
        read(backend).map(([labels, value]): Sample => [{ model, backend: backend.id, ...labels }, value]),
      ),
    );
  }
}

/** Kinds that have one label are one. */
function summed(troubles: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const [kind, count] of troubles) {
    const label = troubleLabel(kind);
    sums.set(label, (sums.get(label) ?? 0) + count);
  }
  return sums;
}
