import { Counter, Histogram, type Registry } from 'prom-client';
import type { EndedRequest } from '../proxy/gateway.service.js';
import type { UsageRecord } from '../usage/usage-record.js';
import { codeLabel, endpointLabel } from './request-labels.js';

const durationBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1800];
const firstTokenBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120];
const perTokenBuckets = [0.0025, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1];
const MILLISECONDS = 1000;

/** What is counted of one model. */
interface ModelSeries {
  readonly duration: Histogram.Internal<'model'>;
  readonly firstToken: Histogram.Internal<'model'>;
  readonly perToken: Histogram.Internal<'model'>;
  readonly tiers: Map<string, TierSeries>;
}

/** What is counted of one model and one tier. */
interface TierSeries {
  readonly promptTokens: Counter.Internal;
  readonly completionTokens: Counter.Internal;
  /** By endpoint and status. */
  readonly requests: Map<string, Counter.Internal>;
}

/**
 * Counts inference by what its configuration bounds: models, tiers, known endpoints, statuses. Never by person or token. The
 * series of a model are kept at hand, because finding them costs the most.
 */
export class RequestMetrics {
  private readonly requests;
  private readonly promptTokens;
  private readonly completionTokens;
  private readonly refusals;
  private readonly duration;
  private readonly firstToken;
  private readonly perToken;
  private readonly models = new Map<string, ModelSeries>();

  constructor(registry: Registry) {
    const registers = [registry];
    this.requests = new Counter({
      name: 'maas_requests_total',
      help: 'Inference requests that have ended. model is empty where none was found, tier where nobody was known.',
      labelNames: ['model', 'tier', 'endpoint', 'code'],
      registers,
    });
    this.promptTokens = new Counter({
      name: 'maas_prompt_tokens_total',
      help: 'Tokens that were sent to models.',
      labelNames: ['model', 'tier'],
      registers,
    });
    this.completionTokens = new Counter({
      name: 'maas_completion_tokens_total',
      help: 'Tokens that models produced.',
      labelNames: ['model', 'tier'],
      registers,
    });
    this.refusals = new Counter({
      name: 'maas_limit_refusals_total',
      help: 'Requests that a limit of the tier refused: requests or tokens per minute, or concurrency.',
      labelNames: ['model', 'tier', 'limit'],
      registers,
    });
    const histogram = (name: string, help: string, buckets: number[]) =>
      new Histogram({ name, help, buckets, labelNames: ['model'], registers });
    this.duration = histogram(
      'maas_request_duration_seconds',
      'From the admission of a request to the end of its answer, whatever its status.',
      durationBuckets,
    );
    this.firstToken = histogram(
      'maas_time_to_first_token_seconds',
      'Of streams: from the admission to the first byte of the answer.',
      firstTokenBuckets,
    );
    this.perToken = histogram(
      'maas_time_per_output_token_seconds',
      'Of whole streams: the mean time of a token after the first one.',
      perTokenBuckets,
    );
  }

  count({ method, endpoint, client, status }: EndedRequest): void {
    // They ask how the limits stand, or whether a page may ask: nothing is inferred.
    if (method === 'HEAD' || method === 'OPTIONS') return;
    const row = client?.row;
    const model = row?.modelId ?? client?.modelId ?? '';
    const tier = row?.tier ?? client?.tier.name ?? '';
    const series = this.seriesOf(model);
    const ofTier = this.tierSeriesOf(series, model, tier);
    this.requestsOf(ofTier, { model, tier, endpoint: endpointLabel(endpoint), code: codeLabel(row?.status ?? status) });
    const decision = client?.decision;
    if (decision && !decision.admitted) this.refusals.inc({ model, tier, limit: decision.limit });
    if (row) measure(row, series, ofTier);
  }

  private requestsOf({ requests }: TierSeries, labels: Record<'model' | 'tier' | 'endpoint' | 'code', string>): void {
    const key = `${labels.code} ${labels.endpoint}`;
    let series = requests.get(key);
    if (!series) requests.set(key, (series = this.requests.labels(labels)));
    series.inc();
  }

  private seriesOf(model: string): ModelSeries {
    let series = this.models.get(model);
    if (!series) {
      series = {
        duration: this.duration.labels({ model }),
        firstToken: this.firstToken.labels({ model }),
        perToken: this.perToken.labels({ model }),
        tiers: new Map(),
      };
      this.models.set(model, series);
    }
    return series;
  }

  private tierSeriesOf({ tiers }: ModelSeries, model: string, tier: string): TierSeries {
    let series = tiers.get(tier);
    if (!series) {
      series = {
        promptTokens: this.promptTokens.labels({ model, tier }),
        completionTokens: this.completionTokens.labels({ model, tier }),
        requests: new Map(),
      };
      tiers.set(tier, series);
    }
    return series;
  }
}

function measure(row: UsageRecord, model: ModelSeries, tier: TierSeries): void {
  const { promptTokens, completionTokens, durationMs, firstByteMs, streamed, status } = row;
  tier.promptTokens.inc(promptTokens);
  tier.completionTokens.inc(completionTokens);
  model.duration.observe(durationMs / MILLISECONDS);
  if (!streamed || firstByteMs === null || status >= 400) return;
  model.firstToken.observe(firstByteMs / MILLISECONDS);
  if (completionTokens > 1) {
    model.perToken.observe((durationMs - firstByteMs) / (completionTokens - 1) / MILLISECONDS);
  }
}
