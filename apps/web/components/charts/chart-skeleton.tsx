const HEIGHTS = [38, 62, 47, 80, 55, 70, 92, 64, 50, 76, 58, 84];

/** Columns where a chart will be. Shows after 200 ms, as every skeleton does. */
export function ChartSkeleton() {
  return (
    <div aria-hidden className="flex h-full animate-late items-end gap-[3%] ps-11 pb-6">
      {HEIGHTS.map((height) => (
        <span key={height} className="flex-1 animate-pulse rounded-sm bg-selected" style={{ height: `${height}%` }} />
      ))}
    </div>
  );
}
