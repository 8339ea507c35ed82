import type { ReactNode } from 'react';
import { BrandMark } from '@/components/brand';

/** Pages without a session: one thing in the middle. */
export default function PublicLayout({ children }: { children: ReactNode }) {
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center px-4 py-12">
      <BrandMark className="mb-7 size-10" />
      {children}
    </main>
  );
}
