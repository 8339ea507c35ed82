/** Whether something thrown carries this code: one of Node's, such as ENOENT, or an SQLSTATE. */
export function hasErrorCode(error: unknown, ...codes: string[]): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code));
}
