import { describe, expect, it } from '@jest/globals';
import { mergeExpositions } from './merged-exposition.js';

const head = '# HELP maas_x_total X.\n# TYPE maas_x_total counter';
const other = '# HELP maas_y Y.\n# TYPE maas_y gauge';

describe('mergeExpositions', () => {
  it('leaves that of one worker as it is', () => {
    const text = `${head}\nmaas_x_total{worker="0"} 1\n\n${other}\nmaas_y{worker="0"} 2\n`;
    expect(mergeExpositions([text])).toBe(text);
  });

  it('has each metric once, with the series of all', () => {
    const first = `${head}\nmaas_x_total{worker="0"} 1\n\n${other}\nmaas_y{worker="0"} 2\n`;
    const second = `${head}\nmaas_x_total{worker="1"} 3\n\n${other}\nmaas_y{worker="1"} 4\n`;
    expect(mergeExpositions([first, second])).toBe(
      `${head}\nmaas_x_total{worker="0"} 1\nmaas_x_total{worker="1"} 3\n\n` +
        `${other}\nmaas_y{worker="0"} 2\nmaas_y{worker="1"} 4\n`,
    );
  });

  it('takes a metric of which one worker has nothing to say', () => {
    expect(mergeExpositions([`${head}\n`, `${head}\nmaas_x_total{worker="1"} 3\n`])).toBe(
      `${head}\nmaas_x_total{worker="1"} 3\n`,
    );
  });
});
