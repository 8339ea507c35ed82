import { ApiError, toApiError } from './api-error';
import { apiUrl, type Call } from './api';

const FALLBACK_NAME = 'download';

/**
 * Fetches a file of the API and gives it to the browser under the name that the server chose. Unlike a link, an error can be
 * shown where the person is.
 * @param accept the media type to ask for: `text/csv`
 * @throws ApiError
 */
export async function downloadFromServer(path: string, query: NonNullable<Call['query']>, accept: string) {
  const response = await fetch(apiUrl(path, query), { headers: { accept }, credentials: 'same-origin' }).catch(() => {
    throw new ApiError('The server cannot be reached. Check your connection and try again.', {
      status: 0,
      code: 'network',
    });
  });
  if (!response.ok) throw await toApiError(response);
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = fileNameOf(response.headers.get('content-disposition'));
  link.click();
  // Some browsers read it only after the click has been handled.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** The file name of a `Content-Disposition` header (RFC 6266). */
export function fileNameOf(header: string | null): string {
  const [, quoted, plain] = /filename=(?:"([^"]*)"|([^;\s]+))/i.exec(header ?? '') ?? [];
  return quoted || plain || FALLBACK_NAME;
}
