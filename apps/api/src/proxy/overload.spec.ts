import { describe, expect, it } from '@jest/globals';
import { OverloadDetector } from './overload.js';

const well = { heap: 0.3, delay: 20 };

describe('OverloadDetector', () => {
  it('sheds load when the heap stays almost full, until there is room again', () => {
    const detector = new OverloadDetector(1000);
    detector.sample({ ...well, heap: 0.86 });
    expect(detector.scarce).toBeUndefined();
    detector.sample({ ...well, heap: 0.86 });
    expect(detector.scarce).toBe('memory');
    detector.sample({ ...well, heap: 0.81 });
    expect(detector.scarce).toBe('memory');
    detector.sample({ ...well, heap: 0.79 });
    expect(detector.scarce).toBeUndefined();
  });

  it('sheds load when the event loop is late for three seconds on end', () => {
    const detector = new OverloadDetector(1000);
    const samples = [...Array<number>(11).fill(1500), 900, ...Array<number>(11).fill(1500)];
    for (const delay of samples) detector.sample({ ...well, delay });
    expect(detector.scarce).toBeUndefined();
    detector.sample({ ...well, delay: 1500 });
    expect(detector.scarce).toBe('event_loop');
    detector.sample(well);
    expect(detector.scarce).toBeUndefined();
  });
});
