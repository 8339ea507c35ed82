import { Skeleton } from '@/components/skeleton';

/** Where a model's card will be, at its height. */
export function ModelCardSkeleton() {
  return (
    <li aria-hidden className="flex h-[12.25rem] flex-col rounded-lg border border-line bg-surface p-4 shadow-card">
      <Skeleton className="h-4 w-36" />
      <Skeleton className="mt-3 h-3 w-44" />
      <Skeleton className="mt-4 h-3 w-full" />
      <Skeleton className="mt-7 h-5 w-48 rounded-full" />
      <span className="mt-auto">
        <Skeleton className="h-7 w-24" />
      </span>
    </li>
  );
}
