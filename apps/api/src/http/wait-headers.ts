/**
 * When to come again: in whole seconds (RFC 9110 §10.2.3), and in milliseconds, which the SDKs of OpenAI and of Anthropic
 * prefer.
 * @param milliseconds from now
 */
export function waitHeaders(milliseconds: number): Record<string, string> {
  const whole = Math.max(1, Math.ceil(milliseconds));
  return { 'retry-after': String(Math.ceil(whole / 1000)), 'retry-after-ms': String(whole) };
}
