import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { BackendTest, BackendTransition, HealthQuery } from '@maas/contracts/backends';
import { ErrorBody } from '@maas/contracts/errors';
import { TestBackend } from '@maas/contracts/models';
import { pageOf } from '@maas/contracts/paging';
import { Access } from '../auth/access.decorator.js';
import type { Caller } from '../auth/caller.js';
import { User } from '../auth/caller.decorator.js';
import { BackendTester } from './backend-tester.service.js';
import { BackendTransitions } from './backend-transitions.service.js';
import { ModelsService } from './models.service.js';

/** How backends are, and were. Ids of models with a slash are written as %2F here. */
@ApiTags('models')
@Controller('maas-api/v1/admin')
@Access('admin')
export class BackendTestsController {
  constructor(
    @Inject(BackendTester) private readonly tester: BackendTester,
    @Inject(BackendTransitions) private readonly transitions: BackendTransitions,
    @Inject(ModelsService) private readonly models: ModelsService,
  ) {}

  @Post('backends/test')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Try a backend before it is registered',
    description: 'Asks `{url}/models`, as the gateway would reach it. Redirects are not followed.',
  })
  @ApiResponse({ status: 200, description: 'Also when it does not answer: see `ok`.', standardSchema: BackendTest })
  test(@User() caller: Caller, @Body({ schema: TestBackend }) body: TestBackend): Promise<BackendTest> {
    return this.tester.test(caller, body);
  }

  @Post('models/:id/backends/:backend/test')
  @HttpCode(200)
  @ApiOperation({ summary: 'Try a backend with the credential that is kept for it' })
  @ApiResponse({ status: 200, description: 'Also when it does not answer: see `ok`.', standardSchema: BackendTest })
  @ApiResponse({ status: 404, description: 'The model has no such backend.', standardSchema: ErrorBody })
  testKnown(@User() caller: Caller, @Param('id') id: string, @Param('backend') backend: string): Promise<BackendTest> {
    return this.tester.testKnown(caller, id, backend);
  }

  @Get('models/:id/health')
  @ApiOperation({ summary: 'When the backends of a model stopped and began to be ready, the newest first' })
  @ApiResponse({ status: 200, standardSchema: pageOf(BackendTransition, 'BackendTransitionPage') })
  @ApiResponse({ status: 404, description: 'There is no such model.', standardSchema: ErrorBody })
  async health(@Param('id') id: string, @Query({ schema: HealthQuery }) query: HealthQuery) {
    await this.models.get(id);
    return this.transitions.list(id, query);
  }
}
