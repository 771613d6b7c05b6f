/**
 * What every answer carries, whatever route made it: a strict content policy without inline scripts and without strings
 * that become script (Trusted Types), no framing, no sniffing, no sharing across origins; and no caching of anything that
 * the API says. Browsers report what a page does against the policy (content-reports.controller.ts).
 */
import type { FastifyInstance } from 'fastify';

/** `report-uri` and not `report-to`: every browser knows it, and reports at once. */
export const REPORT_PATH = '/api/content-reports';
export const REPORT_TYPE = 'application/csp-report';
export const MAX_REPORT_BYTES = 8 * 1024;

/**
 * Styles may stand in attributes: charts and menus place their parts that way. Scripts may not.
 *
 * @param trustedTypes false: strings may become HTML, for a page whose viewer knows no other way.
 */
export function contentPolicy(publicUrl: URL, trustedTypes = true): string {
  const socket = `${publicUrl.protocol === 'https:' ? 'wss' : 'ws'}://${publicUrl.host}`;
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "object-src 'none'",
    "manifest-src 'self'",
    `connect-src 'self' ${socket}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    ...(trustedTypes ? ["require-trusted-types-for 'script'", "trusted-types 'none'"] : []),
    `report-uri ${REPORT_PATH}`,
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
