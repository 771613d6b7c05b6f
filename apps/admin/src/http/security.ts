/**
 * What every answer carries, whatever route made it: a strict content policy without inline scripts, no framing, no
 * sniffing, no sharing across origins; and no caching of anything that the API says.
 */
import type { FastifyInstance } from 'fastify';

/** Styles may stand in attributes: charts and menus place their parts that way. Scripts may not. */
export function contentPolicy(publicUrl: URL): string {
  const socket = `${publicUrl.protocol === 'https:' ? 'wss' : 'ws'}://${publicUrl.host}`;
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "manifest-src 'self'",
    `connect-src 'self' ${socket}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

export function securityHeaders(publicUrl: URL): Record<string, string> {
  return {
    'content-security-policy': contentPolicy(publicUrl),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
    'cache-control': 'no-store',
    ...(publicUrl.protocol === 'https:' ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  };
}

/** Set before any handler runs, so that errors carry them too; static files later relax `cache-control` alone. */
export function guardAnswers(server: FastifyInstance, publicUrl: URL): void {
  const headers = securityHeaders(publicUrl);
  server.addHook('onRequest', async (request, reply) => {
    reply.headers(headers).header('x-request-id', request.id);
  });
}
