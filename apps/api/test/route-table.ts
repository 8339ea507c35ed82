import { RequestMethod } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { POLICY, type Policy } from '../src/auth/access.decorator.js';

export interface Route {
  readonly method: string;
  /** With its parameters as `:name`. */
  readonly path: string;
}

export interface ControllerRoute extends Route {
  /** Such as `TokensController.mint`. */
  readonly handler: string;
  readonly policy: Policy | undefined;
}

/** Every route of every controller that the application has, with the policy that it declares. */
export function controllerRoutes(nest: NestFastifyApplication): ControllerRoute[] {
  const routes: ControllerRoute[] = [];
  for (const module of nest.get(ModulesContainer).values()) {
    for (const { metatype } of module.controllers.values()) if (metatype) routes.push(...routesOf(metatype));
  }
  return routes;
}

function routesOf(controller: object & { name?: string; prototype?: object }): ControllerRoute[] {
  const prototype = (controller.prototype ?? {}) as Record<string, unknown>;
  return Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const handler = prototype[name];
    if (name === 'constructor' || typeof handler !== 'function') return [];
    const method = Reflect.getMetadata('method', handler) as RequestMethod | undefined;
    if (method === undefined) return [];
    const policy = (Reflect.getMetadata(POLICY, handler) ?? Reflect.getMetadata(POLICY, controller)) as Policy | undefined;
    return pathsOf(controller).flatMap((base) =>
      pathsOf(handler).map((path) => ({
        method: RequestMethod[method],
        path: `/${[base, path].map((part) => part.replace(/^\/|\/$/g, '')).filter(Boolean).join('/')}`,
        handler: `${controller.name}.${name}`,
        policy,
      })),
    );
  }); // prettier-ignore
}

function pathsOf(target: object): string[] {
  const paths = Reflect.getMetadata('path', target) as string | string[];
  return Array.isArray(paths) ? paths : [paths];
}

/** What the router really answers, read from its own description of its tree. */
export function routerRoutes(nest: NestFastifyApplication): Route[] {
  const routes: Route[] = [];
  const above: string[] = [];
  for (const line of nest.getHttpAdapter().getInstance().printRoutes({ commonPrefix: false }).split('\n')) {
    const branch = /^((?:│ {3}| {4})*)[├└]── (.*) \(([A-Z, ]+)\)$/.exec(line);
    if (!branch) {
      if (line.trim() !== '') throw new Error(`not a line of the router's tree: ${line}`);
      continue;
    }
    const [, indent = '', part = '', methods = ''] = branch;
    const depth = indent.length / 4;
    above.length = depth;
    above.push(part);
    for (const method of methods.split(', ')) routes.push({ method, path: above.join('') });
  }
  return routes;
}
