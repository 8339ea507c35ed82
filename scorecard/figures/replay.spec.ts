import { cpSync, rmSync } from 'node:fs';
import { rowOf } from '../../apps/api/test/journal-rows.js';
import { JournalStand } from '../../apps/api/test/journal-stand.js';
import { eventually } from '../../apps/api/test/streams.js';
import { measure } from '../measure.js';

interface Size {
  readonly lostAnswers: number;
  readonly rowsEach: number;
  readonly replays: number;
}

/** By how many requests rows or sums differ from what was recorded; more when tokens differ alone. */
async function excess(stand: JournalStand, recorded: number): Promise<number> {
  const [rows, sums] = [await stand.totals('rows'), await stand.totals('sums')];
  if (!rows || !sums) throw new Error('no totals');
  const prompt = (recorded * (recorded + 1)) / 2;
  const isSame = [rows, sums].every((each) => each.prompt === prompt && each.completion === recorded * 7);
  return Math.max(Math.abs(rows.requests - recorded), Math.abs(sums.requests - recorded), isSame ? 0 : 1);
}

/** The same files are delivered again and again, as if each time had ended before they were removed. */
async function replay(stand: JournalStand, { rowsEach, lostAnswers, replays }: Size): Promise<number> {
  const recorded = rowsEach * lostAnswers;
  const first = await stand.start();
  for (let number = 1; number <= recorded; number += 1) first.add([rowOf(number)]);
  const copy = `${stand.folder.path}-copy`;
  cpSync(stand.folder.path, copy, { recursive: true });
  await stand.ship(first);
  await first.close();
  for (let time = 1; time < replays; time += 1) {
    cpSync(copy, stand.folder.path, { recursive: true });
    const again = await stand.start();
    if (again.depth !== recorded) throw new Error(`${again.depth} rows were found again, not ${recorded}`);
    await stand.ship(again);
    await again.close();
  }
  rmSync(copy, { recursive: true });
  return excess(stand, recorded);
}

/** The database commits and its answer never comes; every third time another process has to go on. */
async function unacknowledged(stand: JournalStand, { rowsEach, lostAnswers }: Size): Promise<number> {
  let backlog = await stand.start();
  let recorded = 0;
  const record = () => backlog.add([rowOf((recorded += 1))]);
  for (let time = 1; time <= lostAnswers; time += 1) {
    record();
    await stand.ship(backlog);
    for (let count = 0; count < rowsEach; count += 1) record();
    stand.gate.mute();
    const outcome = stand.ship(backlog).then(
      () => 'told',
      () => 'not told',
    );
    await eventually(async () => (await stand.totals('rows'))?.requests === recorded, 'the commit', 20_000);
    stand.gate.cut();
    if ((await outcome) !== 'not told') throw new Error('the answer of the database was not lost');
    stand.gate.open();
    if (time % 3 === 0) backlog = await stand.start();
    await stand.ship(backlog);
  }
  await backlog.close();
  return excess(stand, recorded);
}

// S18: what is delivered twice is counted once.
measure<Size>('S18', async ({ size, record, defer }) => {
  const [replayed, unheard] = [await JournalStand.create(), await JournalStand.create()];
  defer(() => replayed.remove());
  defer(() => unheard.remove());
  const rows = size.rowsEach * size.lostAnswers;
  record('replayed', await replay(replayed, size), `${rows} rows delivered ${size.replays} times; tokens compared too`);
  const found = await unacknowledged(unheard, size);
  record('unacknowledged', found, `${size.lostAnswers} commits whose answer was lost, ${size.rowsEach} rows each`);
});
