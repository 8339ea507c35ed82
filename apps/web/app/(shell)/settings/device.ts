/** What a browser called itself, in the words that people use. undefined: not told. */
export interface Device {
  browser: string | undefined;
  system: string | undefined;
  phone: boolean;
}

// The order matters: browsers name those that they descend from, too.
const browsers: readonly (readonly [name: string, mark: RegExp])[] = [
  ['Edge', /\bEdg(?:e|A|iOS)?\//],
  ['Opera', /\bOPR\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Vivaldi', /\bVivaldi\//],
  ['Firefox', /\b(?:Firefox|FxiOS)\//],
  ['Chrome', /\b(?:Headless)?(?:Chrome|CriOS|Chromium)\//],
  ['Safari', /\bSafari\//],
  ['curl', /^curl\//],
];
const systems: readonly (readonly [name: string, mark: RegExp])[] = [
  ['iPhone', /\biPhone\b/],
  ['iPad', /\biPad\b/],
  ['Android', /\bAndroid\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['Windows', /\bWindows\b/],
  ['macOS', /\bMac(?:intosh| OS X)\b/],
  ['Linux', /\bLinux\b/],
];

/** Reads a `User-Agent` header as well as that can be done; it is what the browser says and proves nothing. */
export function readDevice(userAgent: string | null): Device {
  const first = (list: typeof browsers) => list.find(([, mark]) => mark.test(userAgent ?? ''))?.[0];
  return {
    browser: first(browsers),
    system: first(systems),
    phone: /\b(?:iPhone|Android.*Mobile)\b/.test(userAgent ?? ''),
  };
}
