import { rm } from 'node:fs/promises';

/**
 * Removes a folder with all that is in it, if it is there. Tries for some seconds: an initdb or a server whose parent
 * was killed may write for a moment longer.
 */
export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 20 });
}
