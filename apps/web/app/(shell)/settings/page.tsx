import { Suspense } from 'react';
import { pageTitle } from '@/lib/page-title';
import { SettingsView } from './settings-view';

export const metadata = pageTitle('settings.title');

export default function SettingsPage() {
  return (
    <Suspense>
      <SettingsView />
    </Suspense>
  );
}
