import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { commandLine, isAlive, startOf } from './process-identity.js';

describe('process identity', () => {
  it('tells a process that runs from one that has ended', async () => {
    const child = spawn('sleep', ['60']);
    const pid = child.pid ?? 0;
    expect(isAlive(pid)).toBe(true);
    // The system has it a moment after the program has begun.
    while (commandLine(pid).length <= 1) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(commandLine(pid).slice(0, 2)).toEqual(['sleep', '60']);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isAlive(pid)).toBe(false);
    expect(commandLine(pid)).toEqual([]);
  });

  it('gives the same beginning each time for the same process', () => {
    expect(startOf(process.pid)).toBeDefined();
    expect(startOf(process.pid)).toBe(startOf(process.pid));
  });
});
