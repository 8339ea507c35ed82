import type { ReactNode } from 'react';
import { AdministratorsOnly } from './administrators-only';

export default function AdminLayout({ children }: { children: ReactNode }) {
  return <AdministratorsOnly>{children}</AdministratorsOnly>;
}
