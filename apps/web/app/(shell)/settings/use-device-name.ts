import { useTranslations } from 'use-intl';
import { readDevice } from './device';

/** Names the device of a session: `Chrome on Linux`. */
export function useDeviceName(): (userAgent: string | null) => string {
  const t = useTranslations('settings.device');
  return (userAgent) => {
    const { browser, system } = readDevice(userAgent);
    if (browser !== undefined && system !== undefined) return t('both', { browser, system });
    return browser ?? system ?? t('unknown');
  };
}
