import { Module } from '@nestjs/common';
import { BackendHealthRegistry } from './backend-health.service.js';
import { ModelDirectory } from './model-directory.service.js';
import { ModelsController } from './models.controller.js';
import { ModelsService } from './models.service.js';
import { vaultProvider } from './vault.provider.js';

/** Which models there are, who may use them, and where they are served. */
@Module({
  controllers: [ModelsController],
  providers: [ModelsService, ModelDirectory, BackendHealthRegistry, vaultProvider],
  exports: [ModelDirectory, ModelsService],
})
export class ModelsModule {}
