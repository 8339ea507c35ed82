import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Whether a process with this id runs. A zombie does not: nothing of it is left but its exit status. */
export function isAlive(pid: number): boolean {
  return startOf(pid) !== undefined;
}

/**
 * When a process began, in units of the system, or undefined when there is none. A process id is given out again
 * later; together with its beginning it names one process.
 */
export function startOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return ps(pid, 'lstart=');
  try {
    // proc(5): the name in parentheses may hold anything; the state is the first field after it, the start the 20th.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** The arguments of a running process, the program first. */
export function commandLine(pid: number): string[] {
  if (process.platform !== 'linux') return (ps(pid, 'command=') ?? '').split(' ');
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function ps(pid: number, column: string): string | undefined {
  try {
    const output = execFileSync('ps', ['-ww', '-o', column, '-p', String(pid)], { encoding: 'utf8' }).trim();
    return output === '' || output.includes('<defunct>') ? undefined : output;
  } catch {
    return undefined;
  }
}
