import { describe, expect, it } from '@jest/globals';
import { checksum, compareHistory, firstLines, type MigrationAttempt } from './migration-history.js';

const first = { name: '1_first', script: 'SELECT 1;\n' };
const second = { name: '2_second', script: 'SELECT 2;\n' };

function attempt(name: string, change: Partial<MigrationAttempt> = {}): MigrationAttempt {
  const script = [first, second].find((migration) => migration.name === name)?.script ?? '';
  return {
    migration_name: name,
    checksum: checksum(script),
    finished_at: new Date(0),
    rolled_back_at: null,
    logs: null,
    ...change,
  };
}

describe('compareHistory', () => {
  it('finds everything pending on a fresh database, in order', () => {
    expect(compareHistory([first, second], [])).toEqual({
      pending: ['1_first', '2_second'],
      edited: [],
      interrupted: [],
      failed: [],
    });
  });

  it('finds nothing to do on a database that is up to date', () => {
    const { pending } = compareHistory([first, second], [attempt('1_first'), attempt('2_second')]);
    expect(pending).toEqual([]);
  });

  it('leaves migrations of a newer release alone', () => {
    const history = compareHistory([first], [attempt('1_first'), attempt('2_second')]);
    expect(history).toEqual({ pending: [], edited: [], interrupted: [], failed: [] });
  });

  it('notices that the text of an applied migration changed', () => {
    const edited = { ...first, script: 'SELECT 3;\n' };
    expect(compareHistory([edited], [attempt('1_first')]).edited).toEqual(['1_first']);
  });

  it('does not take other line ends for a change', () => {
    const windows = { ...first, script: 'SELECT 1;\r\n' };
    expect(compareHistory([windows], [attempt('1_first')]).edited).toEqual([]);
  });

  it('tells an attempt whose process was killed from one that the database refused', () => {
    const attempts = [
      attempt('1_first', { finished_at: null }),
      attempt('2_second', { finished_at: null, logs: 'no such table' }),
    ];
    expect(compareHistory([first, second], attempts)).toMatchObject({
      interrupted: ['1_first'],
      failed: [{ name: '2_second', reason: 'no such table' }],
    });
  });

  it('forgets attempts that were rolled back or that a later one made good', () => {
    const attempts = [
      attempt('1_first', { finished_at: null, logs: 'refused', rolled_back_at: new Date(0) }),
      attempt('2_second', { finished_at: null }),
      attempt('2_second'),
    ];
    expect(compareHistory([first, second], attempts)).toEqual({
      pending: ['1_first'],
      edited: [],
      interrupted: [],
      failed: [],
    });
  });
});

describe('firstLines', () => {
  it("keeps what the database said and drops the engine's trace", () => {
    const text =
      'external connector error\nERROR: no such table\nHINT: none\n   0: sql_schema_connector::apply\n   1: x';
    expect(firstLines(text)).toBe('ERROR: no such table\nHINT: none');
  });
});
