'use client';

import { useTranslations } from 'use-intl';
import type { AuditEntry } from '@maas/contracts/auth';
import { AbsoluteTime } from '@/components/absolute-time';
import { classNames } from '@/lib/class-names';
import { changesOfEntry, type FieldChange } from './changes';
import { useFieldLabel } from './field-label';
import { type ListChange, listChange } from './list-change';

/** As the API writes instants. */
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$/;

/** What changed, field by field. What has no fields is shown as it is kept. */
export function EntryDiff({ entry }: { entry: AuditEntry }) {
  const t = useTranslations('adminAudit.diff');
  const label = useFieldLabel();
  const { kind, changes } = changesOfEntry(entry);
  return (
    <section>
      <h3 className="mb-2 text-sm font-medium">{t(kind)}</h3>
      {changes.length > 0 && (
        <dl className="divide-y divide-line overflow-hidden rounded-lg border border-line text-sm">
          {changes.map((change) => (
            <div key={change.field} className="px-3 py-2.5">
              <dt className="mb-1 text-xs text-muted" title={change.field}>
                {label(entry.action, change.field)}
              </dt>
              <dd>
                {kind === 'changed' ? <Change change={change} /> : <Value value={change.after ?? change.before} />}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {kind === 'other' && changes.length === 0 && (
        <div className="flex flex-col gap-2">
          <Side label={t('before')} gone>
            <Value value={entry.before} />
          </Side>
          <Side label={t('after')}>
            <Value value={entry.after} />
          </Side>
        </div>
      )}
      {kind === 'unchanged' && <p className="text-sm text-muted">{t('nothing')}</p>}
    </section>
  );
}

function Change({ change }: { change: FieldChange }) {
  const t = useTranslations('adminAudit.diff');
  const list = listChange(change.before, change.after);
  if (list) return <Items list={list} />;
  return (
    <div className="grid gap-1 sm:grid-cols-2">
      <Side label={t('before')} gone>
        <Value value={change.before} />
      </Side>
      <Side label={t('after')}>
        <Value value={change.after} />
      </Side>
    </div>
  );
}

/** One side of a change: its word and its sign say which, not its colour alone. */
function Side({ label, gone = false, children }: { label: string; gone?: boolean; children: React.ReactNode }) {
  return (
    <div className={classNames('flex min-w-0 gap-2 rounded-sm px-2 py-1', gone ? 'bg-danger-soft' : 'bg-success-soft')}>
      <span aria-hidden className={gone ? 'text-danger' : 'text-success'}>
        {gone ? '−' : '+'}
      </span>
      <span className="sr-only">{label}</span>
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}

function Items({ list: { added, removed } }: { list: ListChange }) {
  const t = useTranslations('adminAudit.diff');
  return (
    <div className="flex flex-col gap-1">
      {removed.map((item) => (
        <Side key={`- ${item}`} label={t('removed')} gone>
          <Value value={item} />
        </Side>
      ))}
      {added.map((item) => (
        <Side key={`+ ${item}`} label={t('added')}>
          <Value value={item} />
        </Side>
      ))}
    </div>
  );
}

function Value({ value }: { value: unknown }) {
  const t = useTranslations('adminAudit.diff');
  if (value === undefined || value === null || value === '') return <span className="text-faint">{t('empty')}</span>;
  if (typeof value === 'string' && INSTANT.test(value)) return <AbsoluteTime at={value} />;
  if (typeof value === 'string') return <span className="wrap-anywhere whitespace-pre-wrap">{value}</span>;
  if (typeof value === 'number' || typeof value === 'boolean')
    return <span className="tabular-nums">{String(value)}</span>;
  const isListOfTexts = Array.isArray(value) && value.every((item) => typeof item === 'string');
  if (isListOfTexts) return <span className="wrap-anywhere">{value.length === 0 ? t('empty') : value.join(', ')}</span>;
  return (
    <pre className="font-mono text-xs leading-5 wrap-anywhere whitespace-pre-wrap">
      {JSON.stringify(value, null, 2)}
    </pre>
  );
}
