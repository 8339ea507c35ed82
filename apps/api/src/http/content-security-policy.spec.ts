import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { contentSecurityPolicy, inlineScriptHashes } from './content-security-policy.js';

const sha = (text: string) => `sha256-${createHash('sha256').update(text).digest('base64')}`;

describe('the scripts that are written into a page', () => {
  it.each([
    ['<script>a()</script>', ['a()']],
    ['<script id="x" nonce>a()</script><script type="module">b()</script>', ['a()', 'b()']],
    ['<SCRIPT\n>a()</SCRIPT >', ['a()']],
    ['<script>a()</script><script>a()</script>', ['a()']],
    ['<script></script>', ['']],
    ['<script>if (1 < 2 && "<b>") a()\n// é 😀</script>', ['if (1 < 2 && "<b>") a()\n// é 😀']],
    ['<script>a()\r\nb()\rc()</script>', ['a()\nb()\nc()']],
    ['<script data-x="> src=">a()</script>', ['a()']],
    ["<script data-src='x'>a()</script>", ['a()']],
    ['<script type="application/json">{"a":1}</script>', ['{"a":1}']],
    ['<script src="/a.js"></script>', []],
    ['<script async src=/a.js></script><script defer\nsrc = "/b.js">x</script>', []],
    ['<scripted>a()</scripted><p>script</p>', []],
    ['', []],
  ])('%j are %j', (html, texts) => {
    expect(inlineScriptHashes(html)).toEqual(texts.map(sha));
  });

  it('are all that may run inline', () => {
    expect(contentSecurityPolicy(['sha256-x=', 'sha256-y='])).toContain(
      "; script-src 'self' 'sha256-x=' 'sha256-y='; ",
    );
    expect(contentSecurityPolicy()).toContain("; script-src 'self'; ");
  });
});
