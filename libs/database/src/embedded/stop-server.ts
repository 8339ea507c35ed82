import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from './process-identity.js';

/** PostgreSQL's "fast" shutdown ends sessions and writes a checkpoint, "immediate" leaves recovery to the next start. */
const STEPS: { signal: NodeJS.Signals; waitMs: number }[] = [
  { signal: 'SIGINT', waitMs: 15_000 },
  { signal: 'SIGQUIT', waitMs: 5_000 },
  { signal: 'SIGKILL', waitMs: 2_000 },
];

/** Stops a PostgreSQL server by its process id, more and more firmly, within 22 seconds. */
export async function stopServer(pid: number, first: 'fast' | 'immediate' = 'fast'): Promise<void> {
  for (const { signal, waitMs } of first === 'fast' ? STEPS : STEPS.slice(1)) {
    if (!send(pid, signal) || (await ended(pid, waitMs))) return;
  }
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

async function ended(pid: number, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (isAlive(pid)) {
    if (performance.now() > deadline) return false;
    await delay(10);
  }
  return true;
}
