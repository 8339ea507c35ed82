import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { createPrismaClient, type PrismaClient } from '@maas/database/client';

/** Inference needs none: these serve the control plane and the writing of usage. */
const MAX_CONNECTIONS = 10;

/** The database connection of the process. */
@Injectable()
export class DatabaseService implements OnApplicationShutdown {
  readonly client: PrismaClient;

  constructor(readonly url: string) {
    this.client = createPrismaClient({ url, maxConnections: MAX_CONNECTIONS });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.client.$disconnect();
  }
}
