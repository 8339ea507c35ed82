import {
  Activity,
  BookOpen,
  Boxes,
  ChartColumn,
  CircleGauge,
  House,
  KeyRound,
  Layers,
  type LucideIcon,
  MessageSquare,
  ScrollText,
  Server,
  Settings,
  Users,
} from 'lucide-react';
import type messages from '../messages/en.json';

export interface Destination {
  href: string;
  /** Key of its name in the messages, below `navigation`. */
  name: keyof (typeof messages)['navigation'];
  icon: LucideIcon;
}

/** What everybody sees. */
export const userPages: readonly Destination[] = [
  { href: '/', name: 'home', icon: House },
  { href: '/models', name: 'models', icon: Boxes },
  { href: '/playground', name: 'playground', icon: MessageSquare },
  { href: '/tokens', name: 'tokens', icon: KeyRound },
  { href: '/usage', name: 'usage', icon: ChartColumn },
];

/** What administrators see as well. */
export const adminPages: readonly Destination[] = [
  { href: '/admin', name: 'adminOverview', icon: CircleGauge },
  { href: '/admin/tiers', name: 'adminTiers', icon: Layers },
  { href: '/admin/models', name: 'adminModels', icon: Server },
  { href: '/admin/users', name: 'adminUsers', icon: Users },
  { href: '/admin/tokens', name: 'adminTokens', icon: KeyRound },
  { href: '/admin/usage', name: 'adminUsage', icon: ChartColumn },
  { href: '/admin/audit', name: 'adminAudit', icon: ScrollText },
  { href: '/admin/health', name: 'adminHealth', icon: Activity },
];

export const settingsPage: Destination = { href: '/settings', name: 'settings', icon: Settings };
/** Served by the API, outside of the dashboard. */
export const apiReference: Destination = { href: '/docs', name: 'docs', icon: BookOpen };
