/**
 * nginx's `log_format`: https://nginx.org/en/docs/http/ngx_http_log_module.html. Variables that say something about a
 * request are read, others of nginx are passed over; what nginx does not have is refused by name.
 */
import { Fault } from '../../fault.js';
import { type Field, joined, type Piece } from './pattern.js';

/** One or several, as nginx writes them of all proxies or upstreams in turn. */
const LIST = /[^\s",]+(?:(?:, ?| : )[^\s",]+)*/y;
const CLF = /\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4}/y;

const fields: Record<string, Field> = {
  remote_addr: 'address',
  http_x_forwarded_for: 'forwarded',
  proxy_add_x_forwarded_for: 'forwarded',
  remote_user: 'user',
  time_local: 'clf-time',
  time_iso8601: 'iso-time',
  msec: 'epoch-s',
  request: 'request',
  request_method: 'method',
  request_uri: 'target',
  uri: 'path',
  document_uri: 'path',
  status: 'status',
  bytes_sent: 'bytes-out',
  body_bytes_sent: 'bytes-out',
  request_length: 'bytes-in',
  http_user_agent: 'agent',
  request_time: 'duration-s',
  upstream_response_time: 'upstream-s',
  request_id: 'trace',
};

/** Variables of nginx and its modules that say nothing that is looked for; `_` is anything. */
const PASSED = new Set(
  (
    '_ args query_string is_args arg binary_remote_addr body content_length content_type connection connection_requests ' +
    'connection_time document_root host hostname https http2 http3 limit_rate limit_rate_status limit_conn_status ' +
    'limit_req_status nginx_version pid pipe remote_port request_body request_body_file request_completion ' +
    'request_filename scheme server_addr server_name server_port server_protocol gzip_ratio date_gmt date_local ' +
    'realip_remote_addr realip_remote_port realpath_root invalid_referer modern_browser ancient_browser uid_got uid_set ' +
    'request_port http_host time_ms'
  ).split(' '),
);
const FAMILIES =
  /^(?:http|sent_http|sent_trailer|arg|cookie|upstream|ssl|proxy|tcpinfo|geoip2?|jwt|fastcgi|memcached|otel|session_log|spdy|secure_link|slice|brotli|zstd|gzip|server)_\w+$/;

export function nginxPieces(format: string): Piece[] {
  const pieces: Piece[] = [];
  const unknown: string[] = [];
  for (const [found, braced, plain] of format.matchAll(/\$\{(\w+)\}|\$(\w+)|[^$]+|\$/g)) {
    const variable = braced ?? plain;
    if (variable === undefined) {
      pieces.push(found);
      continue;
    }
    const field = fields[variable];
    if (!field && !PASSED.has(variable) && !FAMILIES.test(variable)) unknown.push(found);
    pieces.push({ field: field ?? 'skip', name: found, ...shapeOf(field, variable) });
  }
  if (unknown.length > 0)
    throw new Fault(
      `No variable of nginx: ${unknown.join(', ')}. Where the format has a variable of your own, write $_ in its place: it is passed over.`,
    );
  return withoutShapesInQuotes(joined(pieces));
}

function shapeOf(field: Field | undefined, variable: string): { shape?: RegExp } {
  if (field === 'clf-time') return { shape: new RegExp(CLF) };
  const list = field === 'forwarded' || variable.startsWith('upstream_');
  return list ? { shape: new RegExp(LIST) } : {};
}

/** Between quotes a list ends at the quote, and may be empty. */
function withoutShapesInQuotes(pieces: readonly Piece[]): Piece[] {
  return pieces.map((piece, at) => {
    const next = pieces[at + 1];
    if (typeof piece === 'string' || piece.field === 'clf-time' || typeof next !== 'string' || !next.startsWith('"'))
      return piece;
    return { field: piece.field, name: piece.name };
  });
}
