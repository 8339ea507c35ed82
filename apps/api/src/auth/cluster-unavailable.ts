import { ApiError } from '../http/api-error.js';
import { waitHeaders } from '../http/wait-headers.js';
import { NoRoom } from './slots.js';
import { TooManyRefusals } from './question-budget.js';
import { KubernetesFailure } from '../kubernetes/kubernetes-failure.js';

/**
 * What somebody is told for whom the API server was asked in vain: 503, or 429 where it is not asked for them any more. Names
 * nothing of the cluster; the log has that.
 * @param what cannot be done, such as `No token can be issued at the moment`
 * @param thrown by a question, or by a budget of them; anything else is passed on
 */
export function clusterUnavailable(what: string, thrown: unknown): unknown {
  if (thrown instanceof TooManyRefusals) {
    const { seconds } = thrown;
    return new ApiError('rate_limit_exceeded', {
      message: `Rate limit exceeded: too many tokens that are not valid; try again in ${seconds} s`,
      headers: waitHeaders(seconds * 1000),
    });
  }
  const failure = thrown instanceof NoRoom ? new KubernetesFailure(429, 'too many wait for it here', 1000) : thrown;
  if (!(failure instanceof KubernetesFailure)) return thrown;
  return new ApiError('service_unavailable', {
    message: `${what}: ${failure.toPeople}`,
    headers: waitHeaders(failure.waitSeconds * 1000),
    cause: failure,
    isKnown: true,
  });
}
