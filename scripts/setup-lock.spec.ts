import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maas-setup-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A set-up: it takes the lock, says so, and is at it until its input ends. */
const program = `
import { appendFileSync } from 'node:fs';
import { lockSetup } from '${new URL('setup-lock.mjs', import.meta.url).href}';
const [folder, end] = process.argv.slice(1);
await lockSetup(folder);
const say = (what) => appendFileSync(folder + '/journal', what + ' ' + process.pid + '\\n');
say('begin');
console.log('begin');
for await (const _ of process.stdin);
if (end === 'killed') process.kill(process.pid, 'SIGKILL');
say('done');
process.exit(end === 'failed' ? 1 : 0);
`;

function setUp(end = 'done') {
  return spawn(process.execPath, ['--input-type=module', '--eval', program, folder, end]);
}

/** One that nobody keeps. @returns what it said of waiting */
function setUpAtOnce(end?: string): Promise<string> {
  const { stdin, stderr } = setUp(end);
  stdin.end();
  return text(stderr);
}

const journal = () => readFileSync(join(folder, 'journal'), 'utf8').trim().split('\n');

describe('set-ups of one checkout', () => {
  it('go one after the other, and say that they wait', async () => {
    const first = setUp();
    await once(first.stdout, 'data');
    const others = [setUp(), setUp(), setUp()];
    for (const { stderr } of others) {
      const [said] = (await once(stderr, 'data')) as [Buffer];
      expect(said.toString()).toBe(`Waiting for process ${first.pid}, which installs or builds in this folder …\n`);
    }
    for (const { stdin } of others) stdin.end();
    expect(journal()).toEqual([`begin ${first.pid}`]);
    first.stdin.end();
    await Promise.all(others.map((other) => once(other, 'close')));
    const lines = journal();
    expect(lines).toHaveLength(8);
    for (let index = 0; index < lines.length; index += 2) {
      expect(lines[index + 1]).toBe(lines[index]?.replace('begin', 'done'));
    }
    expect(readdirSync(folder)).toEqual(['journal']);
  });

  it.each(['killed', 'failed'])('do not wait for one that was %s', async (end) => {
    await setUpAtOnce(end);
    expect(await setUpAtOnce()).toBe('');
    expect(journal().at(-1)).toMatch(/^done/);
    expect(readdirSync(folder)).toEqual(['journal']);
  });

  it.each([
    ['whose process id was given to another', JSON.stringify({ pid: process.pid, start: '1' })],
    ['that a power cut left empty', ''],
  ])('take over a lock %s', async (_case, content) => {
    writeFileSync(join(folder, 'setup.lock'), content);
    expect(await setUpAtOnce()).toBe('');
    expect(readdirSync(folder)).toEqual(['journal']);
  });
});
