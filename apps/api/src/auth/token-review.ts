import type { Middleware } from '@kubernetes/client-node';
import { z } from 'zod';
import { KubernetesFailure } from '../kubernetes/kubernetes-failure.js';

/** PostgreSQL takes 2,704 bytes into an index, and a name is in two. */
const LONGEST_NAME_BYTES = 2048;

/** PostgreSQL keeps neither U+0000 nor half of a surrogate pair. */
const Kept = z.string().refine((text) => text.isWellFormed() && !text.includes('\0'), 'cannot be kept');

/** As much as is read of the answer to a TokenReview (Kubernetes API, authentication.k8s.io/v1). What is absent may be null. */
const TokenReview = z.object({
  status: z
    .object({
      authenticated: z.boolean().nullish(),
      user: z
        .object({
          username: Kept.refine((name) => Buffer.byteLength(name) <= LONGEST_NAME_BYTES, 'is too long').nullish(),
          groups: z.array(Kept).nullish(),
        })
        .nullish(),
      audiences: z.array(z.string()).nullish(),
    })
    .nullish(),
});

/**
 * Looks at an answer before the client makes objects of it, which takes a text for a list of its letters.
 * @throws KubernetesFailure when it is no TokenReview; names what does not fit, and quotes nothing
 */
export const readableReview: Middleware = {
  pre: async (context) => context,
  post: async (response) => {
    if (response.httpStatusCode < 200 || response.httpStatusCode > 299) return response;
    const text = await response.body.text();
    const review = TokenReview.safeParse(parsed(text));
    if (!review.success)
      throw new KubernetesFailure(undefined, `its TokenReview cannot be read${placesOf(review.error)}`);
    response.body.text = async () => text;
    return response;
  },
};

function placesOf({ issues }: z.ZodError): string {
  const [{ path, message } = { path: [], message: '' }] = issues;
  return `: ${path.length > 0 ? `${path.join('.')}: ` : ''}${message}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
