import type { IncomingMessage } from 'node:http';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { tokenOf } from '../auth/bearer.js';
import { CONFIG, type Config } from '../config.js';
import { ApiError } from '../http/api-error.js';
import { Clock } from '../http/clock.js';
import { readBody } from '../http/request-body.js';
import { ModelDirectory } from '../models/model-directory.service.js';
import type { RoutableModel } from '../models/routable-model.js';
import type { TierRules } from '../tiers/assignment.js';
import type { Admission, Denial } from '../tiers/admission.js';
import { Limiter } from '../tiers/limiter.service.js';
import { LimitsUnavailable } from '../tiers/shared-limiter.js';
import type { Standing } from '../tiers/limits.js';
import { TierDirectory } from '../tiers/tier-directory.service.js';
import { TokenUses } from '../tokens/token-uses.service.js';
import { TokenVerifier, type VerifiedToken } from '../tokens/token-verifier.service.js';
import { UsageRecorder } from '../usage/usage-recorder.service.js';
import { BackendDispatch } from './backend-dispatch.service.js';
import type { Dialect } from './dialect.js';
import { Forwarding, type ForwardingMeans } from './forwarding.js';
import type { HeaderList } from './headers.js';
import type { InferenceTarget } from './inference-path.js';
import { type InferenceRequest, readRequest, type Wishes, wishesOf } from './inference-request.js';
import type { Client, Exchange, Job } from './job.js';
import { ModelAccess } from './model-access.service.js';
import { openModel } from './open-model.js';
import { Overload } from './overload.service.js';
import { conversationKey } from './conversation-key.js';
import { limitsUnavailable, refusalOf, restarting } from './refusal.js';
import { largestRequest, promptSize } from './token-estimate.js';
import { StreamKeeper } from './stream-keeper.service.js';
import { retryAfter } from './upstream-error.js';
import { UpstreamOrder } from './upstream-order.js';

/** The conductor: authenticate, resolve, admit, forward, record. It waits for neither database nor disk. */
@Injectable()
export class ProxyService {
  private readonly means: ForwardingMeans;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(TokenVerifier) private readonly tokens: TokenVerifier,
    @Inject(TokenUses) private readonly uses: TokenUses,
    @Inject(TierDirectory) private readonly tiers: TierDirectory,
    @Inject(ModelDirectory) private readonly models: ModelDirectory,
    @Inject(ModelAccess) private readonly access: ModelAccess,
    @Inject(Limiter) private readonly limiter: Limiter,
    @Inject(Overload) private readonly overload: Overload,
    @Inject(BackendDispatch) private readonly backends: BackendDispatch,
    @Inject(UsageRecorder) private readonly usage: UsageRecorder,
    @Inject(StreamKeeper) private readonly keeper: StreamKeeper,
  ) {
    this.means = { clock, backends, usage, keeper, logger: new Logger('Inference') };
  }

  /** A promise only for a token that was not seen before. @throws ApiError 401, or 403 for somebody without a tier */
  authenticate({ headers, socket }: IncomingMessage): Client | Promise<Client> {
    const token = this.tokens.verify(tokenOf(headers), socket);
    return token instanceof Promise ? token.then((verified) => this.clientOf(verified)) : this.clientOf(token);
  }

  /** Adds how the caller's limits stand. A promise only where somebody else has to be asked. */
  addStanding(to: HeaderList, { person, tier, decision }: Client, dialect: Dialect): void | Promise<void> {
    const standing = decision ? decision.standing() : this.limiter.standing(person.id, tier);
    const add = (known: Standing) => dialect.addStanding(to, known, this.clock.now());
    return standing instanceof Promise ? standing.then(add) : add(standing);
  }

  /**
   * Answers an inference request. Errors, by the promise, have not been sent, and have used no tokens. Once the body is here,
   * nothing is waited for before the answer in one process.
   * @throws ApiError, by the promise: also as `readBody`, and 503 when memory has no room for the body
   */
  serve(client: Client, target: InferenceTarget, exchange: Exchange): Promise<void> {
    const body = readBody(exchange.message, this.config.MAX_REQUEST_BYTES, (part) => {
      exchange.bodyBytes += part;
      this.overload.takeBytes(part, exchange.bodyBytes);
    });
    // Not awaited: what waits for the end of the answer must not hold the body.
    return body.then((bytes) => this.serveBody(bytes, client, target, exchange));
  }

  private serveBody(bytes: Buffer, client: Client, target: InferenceTarget, exchange: Exchange): Promise<void> {
    const { headers, method } = exchange.message;
    const request = readRequest(target.endpoint, headers['content-type'], bytes);
    const wishes = wishesOf(request, method);
    const model = this.resolve(client, target.model ?? wishes.model);
    if (!(model instanceof Promise)) return this.serveModel(model, request, wishes, client, target, exchange);
    return model.then((found) => this.serveModel(found, request, wishes, client, target, exchange));
  }

  private serveModel(
    model: RoutableModel,
    request: InferenceRequest,
    wishes: Wishes,
    client: Client,
    target: InferenceTarget,
    exchange: Exchange,
  ): Promise<void> {
    // The body may have come slowly, and the cluster may have been asked.
    this.tokens.requireHeld(client);
    client.modelId = model.id;
    const largest = largestAnswer(client.tier, wishes);
    if (!this.usage.accepts(client.tier.usageWhenUnwritable)) {
      this.countRefused(client, model);
      throw unmetered();
    }
    const backend = this.backends.choose(model, conversationOf(client, model, exchange, request));
    const job = { exchange, client, model, backend, wishes, largest, target, prompt: promptSize(request) };
    const order = new UpstreamOrder(job, request, this.overload);
    const decision = this.ask(job);
    const forward = (made: Admission | Denial) => this.forward(order, this.admit(job, made));
    return decision instanceof Promise ? decision.catch(refuseUnchecked).then(forward) : forward(decision);
  }

  /**
   * A promise only where the cluster has to be asked.
   * @throws ApiError, also by the promise: 404 when there is no such model, 403 when it is for others, 503 when the cluster
   * cannot be asked
   */
  resolve({ tier, person }: Client, id: string | undefined): RoutableModel | Promise<RoutableModel> {
    if (id === undefined || id === '') {
      throw new ApiError('invalid_request', {
        message: 'model is required: name it in the body, or in the path as /{model}/v1/…',
        param: 'model',
      });
    }
    return this.access.require(person, openModel(this.models.find(id), id, tier.name));
  }

  /** Ends what is under way because this process does: no fault of the client or the backend. */
  interrupt(): void {
    this.keeper.interrupt(restarting());
  }

  /** @throws ApiError 403 for somebody without a tier */
  private clientOf({ jti, person }: VerifiedToken): Client {
    const { tier } = this.tiers.require(person);
    return { jti, person, tier, decision: undefined, modelId: undefined, row: undefined };
  }

  private ask({ client, model, wishes, largest, prompt }: Job): Admission | Denial | Promise<Admission | Denial> {
    const { person, tier } = client;
    const estimate = largestRequest(prompt, wishes, largest, model);
    try {
      return this.limiter.admit(person.id, tier, estimate);
    } catch (error) {
      return refuseUnchecked(error);
    }
  }

  /** @throws ApiError 429 */
  private admit({ client, model }: Job, decision: Admission | Denial): Admission {
    client.decision = decision;
    if (decision.admitted) {
      this.uses.note(client.jti);
      return decision;
    }
    this.countRefused(client, model);
    throw refusalOf(decision);
  }

  private countRefused({ person, tier, jti }: Client, model: RoutableModel): void {
    const createdAt = this.clock.now();
    this.usage.refuse({ userId: person.id, tokenJti: jti, tier: tier.name, modelId: model.id, createdAt });
  }

  /** Resolves when the exchange has ended; rejects with the error that the client is still to be told. */
  private forward(order: UpstreamOrder, admission: Admission): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: ApiError) => (error ? reject(error) : resolve());
      new Forwarding(this.means, order, admission, settle).start();
    });
  }
}

/** What is looked for only where it makes a difference. */
function conversationOf({ person }: Client, model: RoutableModel, { message }: Exchange, request: InferenceRequest) {
  if (model.sessionAffinity === 'none' || model.backends.length < 2) return undefined;
  return conversationKey(person.id, message.headers, request);
}

/** @throws ApiError 503 when the limits cannot be checked; anything else as it is */
function refuseUnchecked(error: unknown): never {
  throw error instanceof LimitsUnavailable ? limitsUnavailable() : error;
}

/** The operator wants no request whose usage could get lost, and at the moment it could. */
function unmetered(): ApiError {
  return new ApiError('service_unavailable', {
    message: 'Usage cannot be recorded at the moment, so no request is taken; try again shortly',
    headers: retryAfter(undefined),
    isKnown: true,
  });
}

/** @returns as `Job.largest` @throws ApiError 400 when more is asked for than the tier allows */
function largestAnswer({ name, maxTokensPerRequest }: TierRules, wishes: Wishes): number | undefined {
  const { maxTokens, generates } = wishes;
  if (!generates || maxTokensPerRequest === null) return maxTokens;
  if (maxTokens === undefined || maxTokens <= maxTokensPerRequest) return maxTokens ?? maxTokensPerRequest;
  throw new ApiError('max_tokens_exceeded', {
    message: `max_tokens is too large: the tier ${name} allows at most ${maxTokensPerRequest} tokens a request, you asked for ${maxTokens}`,
    param: 'max_tokens',
  });
}
