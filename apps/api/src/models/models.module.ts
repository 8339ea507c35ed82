import { Module } from '@nestjs/common';
import { BackendTestsController } from './backend-tests.controller.js';
import { BackendTester } from './backend-tester.service.js';
import { BackendTransitions } from './backend-transitions.service.js';
import { BackendHealthRegistry } from './backend-health.service.js';
import { DiscoveredModels } from './discovered-models.service.js';
import { ModelDiscovery } from './model-discovery.service.js';
import { CredentialVault } from './credential-vault.js';
import { ModelDirectory } from './model-directory.service.js';
import { ModelsController } from './models.controller.js';
import { ModelsService } from './models.service.js';
import { vaultProvider } from './vault.provider.js';

/** Which models there are, who may use them, and where they are served. */
@Module({
  controllers: [ModelsController, BackendTestsController],
  providers: [
    ModelsService,
    ModelDirectory,
    DiscoveredModels,
    ModelDiscovery,
    BackendHealthRegistry,
    BackendTransitions,
    BackendTester,
    vaultProvider,
  ],
  exports: [ModelDirectory, ModelsService, BackendHealthRegistry, CredentialVault],
})
export class ModelsModule {}
