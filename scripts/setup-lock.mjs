// One set-up at a time in a checkout: `npm start` and `npm test` in two terminals would install and build into one folder.
// A file names the process that is at it; that of a process which is gone is taken over.
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MILLISECONDS = 200;

/**
 * Resolves when this process alone has the lock, which it keeps until it ends, in whatever way.
 * @param {string} folder where the lock is; made if it is not there
 */
export async function lockSetup(folder) {
  mkdirSync(folder, { recursive: true });
  const lock = join(folder, 'setup.lock');
  const mine = `${lock}.${randomUUID()}`;
  let told = false;
  writeFileSync(mine, JSON.stringify({ pid: process.pid, start: startOf(process.pid) }));
  try {
    // A link comes into being with its content, and not at all where one is already.
    while (!tryLink(mine, lock)) {
      const holder = removeUnlessHeld(lock);
      if (holder === undefined) continue;
      if (!told) console.error(`Waiting for process ${holder}, which installs or builds in this folder …`);
      told = true;
      await delay(POLL_MILLISECONDS);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  process.on('exit', () => rmSync(lock, { force: true }));
}

/** @returns {number | undefined} the process that holds the lock; none when the way is free, or may be */
function removeUnlessHeld(lock) {
  const content = read(lock);
  if (content === undefined) return undefined;
  const holder = liveHolder(content);
  if (holder !== undefined) return holder;
  const aside = `${lock}.${randomUUID()}`;
  try {
    renameSync(lock, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
  // Between reading and renaming another may have removed the stale lock and taken its own: give it back.
  if (read(aside) !== content) tryLink(aside, lock);
  rmSync(aside);
  return undefined;
}

function liveHolder(content) {
  try {
    const { pid, start } = JSON.parse(content);
    return startOf(pid) === start ? pid : undefined;
  } catch {
    // A power cut can leave an empty file behind.
    return undefined;
  }
}

/** When a process began, in whatever unit the system has: a process id is given out again later. */
function startOf(pid) {
  if (process.platform !== 'linux') {
    return spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim() || undefined;
  }
  // proc(5): the name in parentheses may hold anything; the start is the 20th field after it.
  const stat = read(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

function tryLink(from, to) {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
