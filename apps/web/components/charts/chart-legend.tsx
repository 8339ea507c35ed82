'use client';

import { useTranslations } from 'use-intl';
import { classNames } from '@/lib/class-names';
import { type ChartSeries, colourOf, dashOf } from './chart-data';

interface ChartLegendProps {
  series: readonly ChartSeries[];
  hidden: ReadonlySet<string>;
  onHide: (hidden: ReadonlySet<string>) => void;
  /** The series are lines, which have dashes. */
  lines: boolean;
  /** The one that is pointed at or focused. */
  onEmphasise: (id: string | undefined) => void;
}

/** The names of the series. Each hides and shows its own; pointing at one lets the others step back. */
export function ChartLegend({ series, hidden, onHide, lines, onEmphasise }: ChartLegendProps) {
  const t = useTranslations('chart');
  const toggle = (id: string) => {
    const next = new Set(hidden);
    // The last one in sight stays, or rather: all come back.
    if (!next.delete(id)) next.add(id);
    onHide(series.every((one) => next.has(one.id)) ? new Set() : next);
  };
  return (
    <ul aria-label={t('legend')} className="-ms-1.5 flex flex-wrap gap-x-1 gap-y-0.5">
      {series.map(({ id, label }) => {
        const shown = !hidden.has(id);
        return (
          <li key={id} className="min-w-0">
            <button
              type="button"
              aria-pressed={shown}
              title={t(shown ? 'hide' : 'show', { label })}
              onClick={() => toggle(id)}
              onPointerEnter={() => onEmphasise(shown ? id : undefined)}
              onPointerLeave={() => onEmphasise(undefined)}
              onFocus={() => onEmphasise(shown ? id : undefined)}
              onBlur={() => onEmphasise(undefined)}
              className={classNames(
                'flex h-6 max-w-full cursor-pointer items-center gap-1.5 rounded-sm px-1.5 text-xs hover:bg-hover',
                shown ? 'text-ink' : 'text-faint line-through',
              )}
            >
              <Swatch colour={colourOf(series, id)} filled={shown} dashes={lines ? dashOf(series, id) : undefined} />
              <span className="truncate">{label}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

interface SwatchProps {
  colour: string;
  filled?: boolean;
  /** Of a line; absent: the mark of a bar. */
  dashes?: string | undefined;
}

/** The mark of a series; hollow while it is hidden. */
export function Swatch({ colour, filled = true, dashes }: SwatchProps) {
  if (dashes !== undefined) {
    return (
      <svg aria-hidden viewBox="0 0 20 4" className="h-1 w-5 shrink-0">
        <line x1="0" x2="20" y1="2" y2="2" strokeWidth="2" strokeDasharray={dashes} stroke={colour} />
      </svg>
    );
  }
  return (
    <span
      aria-hidden
      className="size-2.5 shrink-0 rounded-[0.1875rem] border-2"
      style={{ borderColor: colour, background: filled ? colour : 'transparent' }}
    />
  );
}
