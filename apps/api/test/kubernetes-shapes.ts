import { AuthenticationV1TokenRequest, V1TokenRequestSpec, V1TokenRequestStatus } from '@kubernetes/client-node';
import { knownPart, type Manifest } from './manifest-files.js';

/** What was said of an object of the API, to the API server or by it. */
export type Spoken = Readonly<Record<string, unknown>>;

interface Published {
  getAttributeTypeMap(): { baseName: string }[];
}

/**
 * The paths of fields that Kubernetes' published types, from which the client is made, do not know.
 * @param object with its apiVersion and kind
 */
export function unknownFields(object: Spoken): string[] {
  const { kind, spec = {}, status = {}, ...others } = object;
  // The client finds all types by their kind but this one, whose name two groups have.
  if (kind === 'TokenRequest') {
    return [
      ...beyond(AuthenticationV1TokenRequest, { kind, ...others }),
      ...beyond(V1TokenRequestSpec, spec),
      ...beyond(V1TokenRequestStatus, status),
    ];
  }
  const known = new Set(pathsOf(knownPart(object as unknown as Manifest)));
  return pathsOf(object).filter((path) => !known.has(path));
}

function beyond(type: Published, value: unknown): string[] {
  const names = new Set(type.getAttributeTypeMap().map(({ baseName }) => baseName));
  return Object.keys(value ?? {}).filter((name) => !names.has(name));
}

function pathsOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [`${path}/${name}`, ...pathsOf(inner, `${path}/${name}`)]);
}
