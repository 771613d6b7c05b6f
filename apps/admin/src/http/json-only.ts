/**
 * Bodies: JSON or none. Form and text bodies are what other sites can make a browser send, so that none is taken; `__proto__`
 * is refused; and each body's digest is kept, because callers sign it.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { digestOf } from '../auth/proofs.js';
import { ProblemError } from './problem.js';

const JSON_TYPE = /^application\/json(; ?charset=utf-8)?$/i;
const digests = new WeakMap<FastifyRequest, string>();

/** SHA-256 of the request's body, base64url; undefined where there was none. */
export const bodyDigest = (request: FastifyRequest): string | undefined => digests.get(request);

export function takeJsonOnly(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  // Fastify reads the header leniently (`application/json\t; x`); here there is one way to say it.
  server.addHook('onRequest', async (request) => {
    const type = request.headers['content-type'];
    if (type !== undefined && !JSON_TYPE.test(type)) throw new ProblemError('unsupported-media-type', 'Send application/json.');
  });
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) => {
    if (body === '') return done(null, undefined);
    digests.set(request, digestOf(body));
    parse(request, body, done);
  });
}
