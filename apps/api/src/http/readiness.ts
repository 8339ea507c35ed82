/** Whether requests should be sent to this process. */
export class Readiness {
  ready = false;
}
