import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ErrorBody } from '@maas/contracts/errors';
import {
  Backend,
  CreateBackend,
  CreateModel,
  Model,
  ModelQuery,
  UpdateBackend,
  UpdateModel,
} from '@maas/contracts/models';
import { pageOf } from '@maas/contracts/paging';
import { Access } from '../auth/access.decorator.js';
import type { Caller } from '../auth/caller.js';
import { User } from '../auth/caller.decorator.js';
import { ModelsService } from './models.service.js';

/** Ids with a slash are written as %2F here. */
@ApiTags('models')
@Controller('maas-api/v1/admin/models')
@Access('admin')
export class ModelsController {
  constructor(@Inject(ModelsService) private readonly models: ModelsService) {}

  @Get()
  @ApiOperation({ summary: 'List the models and their backends, by id' })
  @ApiResponse({ status: 200, standardSchema: pageOf(Model, 'ModelPage') })
  list(@Query({ schema: ModelQuery }) query: ModelQuery) {
    return this.models.list(query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Read a model' })
  @ApiResponse({ status: 200, standardSchema: Model })
  get(@Param('id') id: string): Promise<Model> {
    return this.models.get(id);
  }

  @Post()
  @ApiOperation({ summary: 'Register a model' })
  @ApiResponse({ status: 201, standardSchema: Model })
  @ApiResponse({ status: 409, description: 'The id is taken.', standardSchema: ErrorBody })
  create(@User() caller: Caller, @Body({ schema: CreateModel }) body: CreateModel): Promise<Model> {
    return this.models.create(caller, body);
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Change a model; acts on the next request' })
  @ApiResponse({ status: 200, standardSchema: Model })
  @ApiResponse({ status: 409, description: 'Somebody else changed it meanwhile.', standardSchema: ErrorBody })
  update(
    @User() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: UpdateModel }) body: UpdateModel,
  ): Promise<Model> {
    return this.models.update(caller, id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a model and its backends' })
  @ApiResponse({ status: 204 })
  remove(@User() caller: Caller, @Param('id') id: string): Promise<void> {
    return this.models.remove(caller, id);
  }

  @Post(':id/backends')
  @ApiOperation({ summary: 'Add a backend' })
  @ApiResponse({ status: 201, standardSchema: Backend })
  addBackend(
    @User() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: CreateBackend }) body: CreateBackend,
  ): Promise<Backend> {
    return this.models.addBackend(caller, id, body);
  }

  @Patch(':id/backends/:backend')
  @ApiOperation({ summary: 'Change a backend' })
  @ApiResponse({ status: 200, standardSchema: Backend })
  updateBackend(
    @User() caller: Caller,
    @Param('id') id: string,
    @Param('backend') backend: string,
    @Body({ schema: UpdateBackend }) body: UpdateBackend,
  ): Promise<Backend> {
    return this.models.updateBackend(caller, id, backend, body);
  }

  @Delete(':id/backends/:backend')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove a backend' })
  @ApiResponse({ status: 204 })
  removeBackend(@User() caller: Caller, @Param('id') id: string, @Param('backend') backend: string): Promise<void> {
    return this.models.removeBackend(caller, id, backend);
  }
}
