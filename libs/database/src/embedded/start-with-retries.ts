import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.js';
import { startServer, type ServerLaunch, type ServerProcess } from './server-process.js';

/** How long the sessions of a server that was killed may take to notice and end. */
const SESSIONS_TIMEOUT_MS = 10_000;
const RETRY_INTERVAL_MS = 50;
const PORT_ATTEMPTS = 5;

/** Starts a server in spite of what passes by itself: a port that was just taken, sessions that are about to end. */
export async function startWithRetries(
  launch: ServerLaunch,
  { port, durable }: { port: number | undefined; durable: boolean },
): Promise<ServerProcess> {
  const deadline = performance.now() + SESSIONS_TIMEOUT_MS;
  for (let portAttempts = 1; ;) {
    try {
      return await startServer(launch, { port: port ?? (await freePort()), durable });
    } catch (error) {
      const reason = String(error);
      const portWasTaken = port === undefined && reason.includes('could not bind');
      if (portWasTaken && portAttempts < PORT_ATTEMPTS) portAttempts += 1;
      else if (!hasOldSessions(reason) || performance.now() > deadline) throw error;
      await delay(RETRY_INTERVAL_MS);
    }
  }
}

function hasOldSessions(reason: string): boolean {
  return reason.includes('pre-existing shared memory block');
}
