/**
 * The route template of a Koa request. @koa/router notes the template with the prefixes of its routers, but not the path
 * that koa-mount has cut off before; that part is literal, and is found by laying the template against the whole path.
 */
import { templateServes } from './routes.js';

/** `context` is Koa's; `path` is the whole path. Undefined where no route served it, or one by RegExp. */
export function mountedTemplate(context: object, path: string): string | undefined {
  const template = '_matchedRoute' in context ? context._matchedRoute : undefined;
  if (typeof template !== 'string' || /^\/?[({]*\/?\.?\*\w*[)}]*$/.test(template)) return undefined;
  if (templateServes(template, path)) return template;
  for (let slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
    if (templateServes(template, path.slice(slash)))
      return template === '/' ? path.slice(0, slash) : path.slice(0, slash) + template;
  }
  return template === '/' ? path : undefined;
}
