import { classNames } from '@/lib/class-names';

/** Where something will be. Takes its place at once and shows after 200 ms, so that a quick answer does not flicker. */
export function Skeleton({ className }: { className?: string }) {
  return (
    <span aria-hidden className="block animate-late">
      <span className={classNames('block animate-pulse rounded-sm bg-selected', className)} />
    </span>
  );
}
