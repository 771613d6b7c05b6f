/**
 * Bodies: JSON or none. Form and text bodies are what other sites can make a browser send, so that none is taken; `__proto__`
 * and what nests too deep are refused; and each body's digest is kept, because callers sign it. What browsers report of the
 * content policy has a type of its own, and a place of its own.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { digestOf } from '../auth/proofs.js';
import { isTooDeep, MAX_JSON_DEPTH } from './json-depth.js';
import { ProblemError } from './problem.js';
import { MAX_REPORT_BYTES, REPORT_PATH, REPORT_TYPE } from './security.js';

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
    const report = request.routeOptions.url === REPORT_PATH;
    if (report ? type === REPORT_TYPE : type === undefined || JSON_TYPE.test(type)) return;
    throw new ProblemError('unsupported-media-type', report ? `Send ${REPORT_TYPE}.` : 'Send application/json.');
  });
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) => {
    if (body === '') return done(null, undefined);
    if (isTooDeep(body)) return done(tooDeep(), undefined);
    digests.set(request, digestOf(body));
    parse(request, body, done);
  });
  server.addContentTypeParser(REPORT_TYPE, { parseAs: 'string', bodyLimit: MAX_REPORT_BYTES }, (request, body: string, done) => {
    if (isTooDeep(body)) return done(tooDeep(), undefined);
    parse(request, body, done);
  });
}

const tooDeep = () => new ProblemError('bad-request', `The body nests deeper than ${MAX_JSON_DEPTH} levels.`);
