import { pageTitle } from '@/lib/page-title';
import { SetupView } from './setup-view';

export const metadata = pageTitle('setup.title');

export default function SetupPage() {
  return <SetupView />;
}
