import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FormatOptions, readerOfFormat } from './log-format.js';

const options: FormatOptions = { server: undefined, forwarded: undefined };
const read = (format: string, line: string, more: Partial<FormatOptions> = {}) => {
  const reading = readerOfFormat(format, { ...options, ...more })(line);
  if ('reason' in reading) throw new Error(reading.reason);
  return reading.log;
};
const why = (format: string, line: string) => {
  const reading = readerOfFormat(format, options)(line);
  return 'reason' in reading ? reading.reason : 'read';
};
const at = Date.UTC(2026, 4, 17, 10, 5, 3);
const clf = '17/May/2026:10:05:03 +0000';

const MAIN =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" ' +
  '"$http_x_forwarded_for" rt=$request_time uct="$upstream_connect_time" urt="$upstream_response_time" cs=$upstream_cache_status';
const line = (more = '') =>
  `203.0.113.9 - - [${clf}] "POST /v1/orders?x=1 HTTP/2.0" 201 512 "-" "curl/8.5" "${more || '-'}" rt=0.125 uct="0.001" urt="0.120" cs=MISS`;

describe("nginx's log_format", () => {
  it('reads a format as sites have it', () => {
    expect(read(MAIN, line())).toEqual({
      ts: at,
      method: 'POST',
      path: '/v1/orders',
      status: 201,
      durationMs: 125,
      bytesIn: 0,
      bytesOut: 512,
      ip: '203.0.113.9',
      userAgent: 'curl/8.5',
      verdict: 'allow',
    });
  });
  it.each([
    [
      'ISO time',
      '$time_iso8601 $remote_addr "$request" $status',
      '2026-05-17T12:05:03+02:00 ::1 "GET / HTTP/1.1" 200',
      { ts: at, ip: '::1' },
    ],
    [
      'epoch',
      '$msec $remote_addr $request_method $request_uri $status',
      '1779012303.250 10.1.1.1 GET /a?b 200',
      { ts: at + 250, path: '/a' },
    ],
    ['IPv6', '$remote_addr [$time_local] "$request" $status', `2001:DB8::1 [${clf}] "GET / HTTP/1.1" 200`, { ip: '2001:db8::1' }],
    [
      'braces',
      '$' + '{remote_addr}|$' + '{time_iso8601}|$' + '{request}|$' + '{status}',
      '10.1.1.1|2026-05-17T10:05:03Z|GET /x HTTP/1.1|404',
      { path: '/x', status: 404 },
    ],
    [
      'a user with a space',
      '$remote_addr - $remote_user [$time_local] "$request" $status',
      `10.1.1.1 - ann lee [${clf}] "GET / HTTP/1.1" 200`,
      { actor: 'ann lee' },
    ],
    [
      'a quote inside quotes',
      '$remote_addr [$time_local] "$request" $status "$http_user_agent"',
      `10.1.1.1 [${clf}] "GET /a\\x22b HTTP/1.1" 200 "a "b" c"`,
      { path: '/a"b', userAgent: 'a "b" c' },
    ],
    [
      'several upstreams in turn',
      '$remote_addr [$time_local] "$request" $status $upstream_addr $upstream_response_time',
      `10.1.1.1 [${clf}] "GET / HTTP/1.1" 502 10.0.0.1:80, 10.0.0.2:80 0.100, 0.050`,
      { durationMs: 150 },
    ],
    [
      'an upstream that was not asked',
      '$remote_addr [$time_local] "$request" $status $upstream_response_time',
      `10.1.1.1 [${clf}] "GET / HTTP/1.1" 304 -`,
      { durationMs: 0 },
    ],
    [
      'own variables',
      '$remote_addr $_ [$time_local] "$request" $status $request_length',
      `10.1.1.1 blue [${clf}] "GET / HTTP/1.1" 200 77`,
      { bytesIn: 77 },
    ],
    [
      'a trailing blank',
      '$remote_addr [$time_local] "$request" $status',
      `10.1.1.1 [${clf}] "GET / HTTP/1.1" 200 `,
      { status: 200 },
    ],
  ])('reads %s', (_, format, text, expected) => {
    expect(read(format, text)).toMatchObject(expected);
  });
  it('takes the whole directive, in JSON too', () => {
    const directive = `log_format api escape=json '{"t":"$time_iso8601","ip":"$remote_addr","u":"$remote_user",'
      '"m":"$request_method","p":"$request_uri","s":$status,"rt":$request_time,"ua":"$http_user_agent"}';`;
    const json =
      '{"t":"2026-05-17T10:05:03+00:00","ip":"10.1.1.1","u":"","m":"GET","p":"/a","s":200,"rt":1.5,"ua":"say \\"hi\\" \\u00e9"}';
    expect(read(directive, json)).toMatchObject({ ts: at, durationMs: 1500, userAgent: 'say "hi" é' });
    expect(read(directive, json)).not.toHaveProperty('actor');
    expect(read(`log_format main '${MAIN}';`, line())).toMatchObject({ path: '/v1/orders', durationMs: 125 });
  });
  it('believes X-Forwarded-For only where asked, from the right', () => {
    const forwarded = line('6.6.6.6, 198.51.100.7, 10.0.0.1');
    expect(read(MAIN, forwarded).ip).toBe('203.0.113.9');
    expect(read(MAIN, forwarded, { forwarded: 1 }).ip).toBe('10.0.0.1');
    expect(read(MAIN, forwarded, { forwarded: 2 }).ip).toBe('198.51.100.7');
    expect(read(MAIN, forwarded, { forwarded: 9 }).ip).toBe('6.6.6.6');
    expect(read(MAIN, line(), { forwarded: 2 }).ip).toBe('203.0.113.9');
  });
  it.each([
    ['$remote_adr [$time_local] "$request" $status', /\$remote_adr/],
    ['$remote_addr "$request" $status', /lacks the time \(\$time_local/],
    ['$remote_addr [$time_local] "$request"', /lacks the status \(\$status\)/],
    ['[$time_local] "$request" $status', /lacks the client address/],
    ['$remote_addr$remote_user [$time_local] "$request" $status', /Nothing parts \$remote_addr from \$remote_user/],
    ['combinded', /no variable.*vhost_combined/],
    ["log_format main '$remote_addr' $status", /not understood from/],
  ])('refuses %s', (format, reason) => {
    expect(() => readerOfFormat(format, options)).toThrow(reason);
  });
  it('refuses to believe what the format does not tell', () => {
    expect(() => readerOfFormat('combined', { ...options, forwarded: 1 })).toThrow(/no X-Forwarded-For/);
  });
});

describe("Apache's LogFormat", () => {
  const combined = `203.0.113.9 - ann [${clf}] "GET /a\\"b HTTP/1.1" 200 - "http://x/?q=\\"" "say \\"hi\\""`;
  it.each([
    ['by name', 'combined', combined],
    [
      'as the configuration has it',
      'LogFormat "%h %l %u %t \\"%r\\" %>s %b \\"%{Referer}i\\" \\"%{User-Agent}i\\"" combined',
      combined,
    ],
    ['without its quotes', '%h %l %u %t \\"%r\\" %>s %b \\"%{Referer}i\\" \\"%{User-Agent}i\\"', combined],
    ['with a virtual host', 'vhost_combined', `shop.example:443 ${combined}`],
    ['with sizes', 'combinedio', `${combined} 300 500`],
  ])('reads the combined format %s', (_, format, text) => {
    expect(read(format, text)).toMatchObject({
      ts: at,
      ip: '203.0.113.9',
      actor: 'ann',
      path: '/a"b',
      userAgent: 'say "hi"',
      status: 200,
    });
  });
  it.each([
    ['%a %t "%m %U%q %H" %>s %D', `10.1.1.1 [${clf}] "GET /x?y=1 HTTP/1.1" 200 2500`, /Nothing parts %U from %q/],
    ['%a %t %m %U %>s %D', `10.1.1.1 [${clf}] GET /x 200 2500`, { durationMs: 2.5, path: '/x' }],
    ['%a %t "%r" %>s %T', `10.1.1.1 [${clf}] "GET / HTTP/1.1" 200 3`, { durationMs: 3000 }],
    [
      '%a %t "%r" %>s %{ms}T %I %O',
      `10.1.1.1 [${clf}] "GET / HTTP/1.1" 200 3 11 22`,
      { durationMs: 3, bytesIn: 11, bytesOut: 22 },
    ],
    ['%a %t "%r" %>s %{us}T', `10.1.1.1 [${clf}] "GET / HTTP/1.1" 200 1500`, { durationMs: 1.5 }],
    ['%{c}a %a %t "%r" %<s %>s', `10.9.9.9 10.1.1.1 [${clf}] "GET / HTTP/1.1" 301 200`, { ip: '10.1.1.1', status: 200 }],
    ['%h %!200,304{Referer}i %t "%r" %400,501>s', `10.1.1.1 - [${clf}] "GET / HTTP/1.1" 404`, { status: 404 }],
    [
      '%h [%{%d/%b/%Y %T}t.%{msec_frac}t %{%z}t] "%r" %>s',
      '10.1.1.1 [17/May/2026:12:05:03.125 +0200] "GET / HTTP/1.1" 200',
      /missing|no %H/,
    ],
    [
      '%h [%{%d/%b/%Y %T}t.%{msec_frac}t %{%z}t] "%r" %>s',
      '10.1.1.1 [17/May/2026 12:05:03.125 +0200] "GET / HTTP/1.1" 200',
      { ts: at + 125 },
    ],
    ['%h %{%Y-%m-%dT%H:%M:%S%z}t "%r" %>s', '10.1.1.1 2026-05-17T10:05:03+0000 "GET / HTTP/1.1" 200', { ts: at }],
    ['%h %{begin:sec}t.%{usec_frac}t "%r" %>s', '10.1.1.1 1779012303.250000 "GET / HTTP/1.1" 200', { ts: at + 250 }],
    ['%h %{msec}t "%r" %>s', '10.1.1.1 1779012303250 "GET / HTTP/1.1" 200', { ts: at + 250 }],
    ['100%% %h %t "%r" %>s', `100% 10.1.1.1 [${clf}] "GET / HTTP/1.1" 200`, { status: 200 }],
  ])('reads %s', (format, text, expected) => {
    if (expected instanceof RegExp) expect(() => read(format, text)).toThrow(expected);
    else expect(read(format, text)).toMatchObject(expected);
  });
  it.each([
    ['%h %t "%r" %>s %y', /No directive of Apache's LogFormat: %y/],
    ['%h %t "%r" %>s %{minutes}T', /%\{minutes\}T/],
    ['%h %{%Q}t "%r" %>s', /%Q is no part of a time/],
    ['%h "%r" %>s', /lacks the time \(%t\)/],
  ])('refuses %s', (format, reason) => {
    expect(() => readerOfFormat(format, options)).toThrow(reason);
  });
});

describe('a line that is not of the format', () => {
  const format = '$remote_addr [$time_local] "$request" $status';
  it.each([
    ['', /no " \[" behind \$remote_addr, from column 1/],
    [`10.1.1.1 [17/05/2026] "GET / HTTP/1.1" 200`, /no \$time_local at column 11: "17\/05\/2026\]/],
    [`10.1.1.1 [${clf}] GET / 200`, /"\] \\"" is missing at column 37/],
    [`10.1.1.1 [${clf}] "GET / HTTP/1.1" abc`, /no status: "abc"/],
    [`shop.example [${clf}] "GET / HTTP/1.1" 200`, /no client address: "shop.example"/],
    [`10.1.1.1 [${clf}] "-" 408`, /no HTTP request/],
    [`10.1.1.1 [${clf}] "GET / HTTP/1.1" 999`, /^status: /],
  ])('is named with its reason: %s', (text, reason) => {
    expect(why(format, text)).toMatch(reason);
  });
  it('never makes the reader fail, or slow', () => {
    const reader = readerOfFormat(MAIN, { ...options, forwarded: 1 });
    const fragment = fc.constantFrom(
      '"',
      '\\',
      '[',
      '] "',
      ' - ',
      '10.1.1.1',
      clf,
      'GET / HTTP/1.1',
      ' 200 ',
      ', ',
      ' : ',
      'rt=',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(fragment, fc.string({ maxLength: 5 }))), (parts) => {
        const reading = reader(parts.join(''));
        expect('log' in reading || reading.reason.length > 0).toBe(true);
      }),
      { numRuns: 300 },
    );
    for (const text of ['"'.repeat(300_000), '\\"'.repeat(200_000), `${line()}${', 1'.repeat(100_000)}`, ' : '.repeat(100_000)])
      expect('reason' in reader(text)).toBe(!text.endsWith(', 1')); // The last field may be anything.
  });
  it('gives back any path and agent, as nginx escapes them', () => {
    const escaped = (text: string) => text.replace(/[\\"]/g, (letter) => `\\x${letter.charCodeAt(0).toString(16)}`);
    const plain = fc.string({ unit: 'grapheme-ascii', maxLength: 40 });
    fc.assert(
      fc.property(plain, plain, (path, agent) => {
        const target = `/${path.replace(/[?# ]/g, '')}`;
        const log = read(
          '$remote_addr [$time_local] "$request" $status "$http_user_agent"',
          `10.1.1.1 [${clf}] "GET ${escaped(target)} HTTP/1.1" 200 "a${escaped(agent)}"`,
        );
        expect([log.path, log.userAgent]).toEqual([target, `a${agent}`]);
      }),
    );
  });
});
