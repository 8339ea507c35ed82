import { pageTitle } from '@/lib/page-title';
import { HealthView } from './health-view';

export const metadata = pageTitle('adminHealth.title');

export default function HealthPage() {
  return <HealthView />;
}
