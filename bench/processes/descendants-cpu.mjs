// @ts-check
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ: what /proc counts CPU time in, on every Linux that Node runs on. */
const TICKS_A_SECOND = 100;

/**
 * CPU time that the living descendants of a process have used: of the gateway, its embedded PostgreSQL.
 * @param {number} ancestor
 * @returns {number | undefined} microseconds; undefined where there is no /proc
 */
export function descendantsCpuMicros(ancestor) {
  const all = processes();
  if (all.size === 0) return undefined;
  let ticks = 0;
  for (const [pid, { ticks: own }] of all) if (pid !== ancestor && descends(pid, ancestor, all)) ticks += own;
  return (ticks / TICKS_A_SECOND) * 1e6;
}

/** @returns {Map<number, { parent: number; ticks: number }>} */
function processes() {
  const found = new Map();
  for (const name of entries('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      // The name in parentheses may hold anything; what follows it are proc(5)'s fields from the third on.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      found.set(Number(name), { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) });
    } catch {
      // It ended meanwhile.
    }
  }
  return found;
}

/** @param {string} folder */
function entries(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/**
 * @param {number} pid
 * @param {number} ancestor
 * @param {Map<number, { parent: number }>} all
 */
function descends(pid, ancestor, all) {
  for (let at = all.get(pid)?.parent; at !== undefined && at > 1; at = all.get(at)?.parent) {
    if (at === ancestor) return true;
  }
  return false;
}
