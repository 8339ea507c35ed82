import { describe, expect, it } from '@jest/globals';
import { auditFilter } from './audit-filter';

const nothing = { from: null, to: null, action: null, target: null, actor: '', search: '' };
const now = Date.parse('2026-01-31T12:00:59.900Z');

describe('the filter of the audit log', () => {
  it('begins at a full minute, so that the same list is not asked for anew at each turn', () => {
    const filter = auditFilter({ ...nothing, range: '7d' }, now);
    expect(filter).toMatchObject({ from: '2026-01-24T12:00:00.000Z', to: null });
    expect(auditFilter({ ...nothing, range: '7d' }, now - 50_000)).toEqual(filter);
  });

  it('has no bounds for all time, whatever was chosen before', () =>
    expect(auditFilter({ ...nothing, range: 'all', from: new Date(0) }, now)).toMatchObject({ from: null, to: null }));

  it('takes a range of one’s own as it is, also with one end', () =>
    expect(auditFilter({ ...nothing, range: 'custom', from: new Date(60_000) }, now)).toMatchObject({
      from: '1970-01-01T00:01:00.000Z',
      to: null,
    }));

  it('leaves out what is not chosen', () =>
    expect(auditFilter({ ...nothing, range: 'all', target: 'tier' }, now)).toEqual({
      from: null,
      to: null,
      action: null,
      targetType: 'tier',
      actor: null,
      search: null,
    }));
});
