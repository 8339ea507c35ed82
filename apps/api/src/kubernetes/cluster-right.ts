/** What somebody has to be allowed in the cluster for a question to be answered. */
export interface ClusterRight {
  readonly verb: string;
  /** With its subresource, such as `serviceaccounts/token`. */
  readonly resource: string;
  /** Of the API; absent: the core group. */
  readonly group?: string;
  /** Absent: in the whole cluster. */
  readonly namespace?: string;
  /** To be without it is no fault. */
  readonly isOptional?: true;
}

/** Such as `create serviceaccounts/token in the namespace maas-tier-free`. */
export function shownRight({ verb, resource, group, namespace }: ClusterRight): string {
  const where = namespace === undefined ? 'the whole cluster' : `the namespace ${namespace}`;
  return `${verb} ${resource}${group === undefined ? '' : `.${group}`} in ${where}`;
}
