import { setTimeout as delay } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import { MigrationError } from './migration-error.js';

/** The key that `prisma migrate deploy` locks, so that it and we exclude each other too. */
const ADVISORY_LOCK_KEY = 72_707_369;
const POLL_INTERVAL_MS = 50;

/**
 * Waits until no other process migrates this database. The lock ends with the session.
 * Asks again and again: a session that blocks in pg_advisory_lock holds a snapshot, for which a
 * CREATE INDEX CONCURRENTLY of the one who migrates would wait in turn.
 */
export async function takeMigrationLock(client: ClientBase, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await tryLock(client))) {
    if (performance.now() >= deadline) {
      throw new MigrationError(
        `Another process (${await describeHolder(client)}) has been migrating this database for more than ` +
          `${timeoutMs / 1000} s. Wait until it is done and start again, or stop it if it hangs.`,
      );
    }
    await delay(POLL_INTERVAL_MS);
  }
}

async function tryLock(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [
    ADVISORY_LOCK_KEY,
  ]);
  return rows[0]?.locked === true;
}

async function describeHolder(client: ClientBase): Promise<string> {
  const { rows } = await client.query<{ holder: string }>(
    `SELECT format('%s from %s, backend %s', coalesce(nullif(application_name, ''), 'unnamed'),
                   coalesce(host(client_addr), 'a local socket'), pid) AS holder
       FROM pg_locks JOIN pg_stat_activity USING (pid)
      WHERE locktype = 'advisory' AND objid = $1 AND granted AND datname = current_database()`,
    [ADVISORY_LOCK_KEY],
  );
  return rows[0]?.holder ?? 'which has just ended';
}
