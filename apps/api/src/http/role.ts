import { ApiError } from './api-error.js';

/**
 * The first segments of what the control plane alone serves: a balancer sends these to `MAAS_ROLE=api`, and all the rest,
 * where a path may begin with any model's id, to `MAAS_ROLE=gateway`.
 */
export const controlPlanePaths = ['/maas-api', '/auth', '/docs', '/.well-known', '/v1/tokens'] as const;

/** Whether a gateway leaves a path to the control plane. @param path of the route that answers, or as the client wrote it */
export function isControlPlanePath(path: string): boolean {
  return controlPlanePaths.some((first) => path.startsWith(first) && /^(?:$|[/?-])/.test(path.slice(first.length)));
}

/** What a gateway answers where the control plane would. */
export function controlPlaneElsewhere(): ApiError {
  return new ApiError('not_found', {
    message:
      'This process is a gateway (MAAS_ROLE=gateway), which serves inference alone. Ask the control plane, at the address of ' +
      'the dashboard; if that is where you asked, its balancer sends this path to the wrong process',
  });
}

/** What the control plane answers where a gateway would. */
export function inferenceElsewhere(): ApiError {
  return new ApiError('not_found', {
    message:
      'This process is the control plane (MAAS_ROLE=api), which serves no inference. Ask a gateway, at the address in the list ' +
      'of models; if that is where you asked, its balancer sends this path to the wrong process',
  });
}
