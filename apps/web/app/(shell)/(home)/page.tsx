import { pageTitle } from '@/lib/page-title';
import { HomeView } from './home-view';

export const metadata = pageTitle('home.title');

export default function HomePage() {
  return <HomeView />;
}
