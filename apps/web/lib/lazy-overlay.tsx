'use client';

import dynamic from 'next/dynamic';
import { type ComponentType, useEffect, useState } from 'react';

/**
 * A dialog, sheet or menu whose code is not part of the first load: it is fetched when the page has come to rest, and at the
 * latest when it is opened. `const RevokeDialog = lazyOverlay(() => import('./revoke-dialog'))`
 */
export function lazyOverlay<Props extends { open: boolean }>(load: () => Promise<{ default: ComponentType<Props> }>) {
  const Loaded = dynamic<Props>(load, { ssr: false });
  return function Overlay(props: Props) {
    const [wanted, setWanted] = useState(props.open);
    if (props.open && !wanted) setWanted(true);
    useEffect(() => whenIdle(() => void load()), []);
    return wanted ? <Loaded {...props} /> : null;
  };
}

function whenIdle(act: () => void): () => void {
  if (!('requestIdleCallback' in window)) {
    const timer = setTimeout(act, 1000);
    return () => clearTimeout(timer);
  }
  const handle = requestIdleCallback(act, { timeout: 3000 });
  return () => cancelIdleCallback(handle);
}
