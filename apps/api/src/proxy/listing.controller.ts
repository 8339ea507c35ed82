import { Controller, Get, Header, Inject, Param, Req } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { ErrorBody } from '@maas/contracts/errors';
import { ListedModel, ModelList } from '@maas/contracts/models';
import { Access } from '../auth/access.decorator.js';
import type { Caller } from '../auth/caller.js';
import { User } from '../auth/caller.decorator.js';
import { type Person, UserDirectory } from '../auth/user-directory.service.js';
import { CONFIG, type Config } from '../config.js';
import { ApiError } from '../http/api-error.js';
import { ModelDirectory } from '../models/model-directory.service.js';
import type { RoutableModel } from '../models/routable-model.js';
import { TierDirectory } from '../tiers/tier-directory.service.js';
import { listedModel } from './listing.js';
import { ModelAccess } from './model-access.service.js';
import { openModel } from './open-model.js';

const KEPT_LISTS = 256;
/** No host has a longer name (RFC 1035 §2.3.4): lists for whoever says so are not kept, or memory would be theirs to fill. */
const LONGEST_ORIGIN = 300;

/** RFC 9110 §7.2: a name, an IPv4 or a bracketed IPv6 address, and perhaps a port. */
const hostGrammar = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

/** The models that the caller may use. Never counted against a limit; answered from memory. */
@ApiTags('models')
@Controller(['v1/models', 'maas-api/v1/models'])
export class ListingController {
  /** The JSON of a tier's list as seen from an origin; emptied when the models change. */
  private readonly lists = new Map<string, string>();
  private version = -1;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(UserDirectory) private readonly users: UserDirectory,
    @Inject(TierDirectory) private readonly tiers: TierDirectory,
    @Inject(ModelDirectory) private readonly models: ModelDirectory,
    @Inject(ModelAccess) private readonly access: ModelAccess,
  ) {}

  @Get()
  @Access('token')
  @Header('content-type', 'application/json; charset=utf-8')
  @ApiOperation({ summary: 'The models of your tier: ready first, then by the level of the tier, then by id' })
  @ApiResponse({ status: 200, standardSchema: ModelList })
  list(@User() caller: Caller, @Req() request: FastifyRequest): string | Promise<string> {
    const person = this.personOf(caller);
    const tier = this.tiers.require(person).tier.name;
    const origin = this.originOf(request);
    return this.access.concerns(person) ? this.listFor(person, tier, origin) : this.listOf(tier, origin);
  }

  private listOf(tier: string, origin: string): string {
    if (this.version !== this.models.version || this.lists.size > KEPT_LISTS) this.lists.clear();
    this.version = this.models.version;
    const key = `${tier} ${origin}`;
    let list = this.lists.get(key);
    if (list === undefined) {
      list = jsonOf(this.models.ofTier(tier), origin);
      if (origin.length <= LONGEST_ORIGIN) this.lists.set(key, list);
    }
    return list;
  }

  @Get(':id')
  @Access('token')
  @ApiParam({ name: 'id', description: 'A slash in it is raw or %2F.' })
  @ApiOperation({ summary: 'One of your models' })
  @ApiResponse({ status: 200, standardSchema: ListedModel })
  @ApiResponse({ status: 404, description: 'There is no such model in your tier.', standardSchema: ErrorBody })
  async get(@User() caller: Caller, @Param('id') id: string, @Req() request: FastifyRequest): Promise<ListedModel> {
    const person = this.personOf(caller);
    const model = openModel(this.models.find(id), id, this.tiers.require(person).tier.name);
    return listedModel(await this.access.require(person, model), this.originOf(request));
  }

  /** What somebody of the cluster may use is found out for them alone. */
  private async listFor(person: Person, tier: string, origin: string): Promise<string> {
    return jsonOf(await this.access.among(person, this.models.ofTier(tier)), origin);
  }

  private personOf({ userId }: Caller): Person {
    const person = this.users.find(userId);
    if (!person) throw new ApiError('invalid_api_key');
    return person;
  }

  private originOf({ protocol, host }: FastifyRequest): string {
    if (this.config.PUBLIC_URL !== undefined) return this.config.PUBLIC_URL;
    if (hostGrammar.test(host)) return `${protocol}://${host}`;
    throw new ApiError('invalid_request', {
      message: 'The Host header is not a host, with or without a port',
      param: 'host',
    });
  }
}

function jsonOf(models: readonly RoutableModel[], origin: string): string {
  return JSON.stringify({ object: 'list', data: models.map((model) => listedModel(model, origin)) });
}
