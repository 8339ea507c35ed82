import type { FastifyInstance } from 'fastify';
import { controlPlaneElsewhere, isControlPlanePath } from './role.js';

/** Answers for a gateway where the control plane would; by the route that was found, however its path was written. */
export function refuseControlPlane(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    const path = request.routeOptions.url ?? request.url;
    if (!isControlPlanePath(path) && !isControlPlanePath(request.url)) return done();
    const error = controlPlaneElsewhere();
    void reply.status(error.status).send(error.toBody());
  });
}
