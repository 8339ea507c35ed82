import type messages from './messages/en.json';

declare module '*.css';

declare module 'use-intl' {
  interface AppConfig {
    Locale: 'en' | `en-${string}`;
    Messages: typeof messages;
  }
}
