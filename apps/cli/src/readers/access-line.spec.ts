import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAccessLine } from './access-line.js';

const time = '[17/May/2015:10:05:03 +0000]';
const at = Date.UTC(2015, 4, 17, 10, 5, 3);
const read = (line: string) => {
  const reading = readAccessLine(line);
  if ('reason' in reading) throw new Error(reading.reason);
  return reading.log;
};

describe('access lines', () => {
  it('reads the combined format', () => {
    expect(
      read(`83.149.9.216 - - ${time} "GET /a/b.png?token=s3cret HTTP/1.1" 200 203023 "http://x/?q=1" "Mozilla/5.0 (X11)"`),
    ).toEqual({
      ts: at,
      method: 'GET',
      path: '/a/b.png',
      status: 200,
      durationMs: 0,
      bytesIn: 0,
      bytesOut: 203023,
      ip: '83.149.9.216',
      userAgent: 'Mozilla/5.0 (X11)',
      verdict: 'allow',
    });
  });

  it.each([
    ['the common format', `1.2.3.4 - - ${time} "GET / HTTP/1.0" 404 -`, { ip: '1.2.3.4', bytesOut: 0, userAgent: '' }],
    ['absent agent', `1.2.3.4 - - ${time} "GET / HTTP/1.0" 200 5 "-" "-"`, { userAgent: '' }],
    ['a basic-auth user', `1.2.3.4 - ann ${time} "GET / HTTP/1.0" 200 5`, { actor: 'ann' }],
    ['a user with a space', `1.2.3.4 - ann lee ${time} "GET / HTTP/1.0" 200 5`, { actor: 'ann lee' }],
    ['a virtual host', `shop.example:443 1.2.3.4 - - ${time} "GET / HTTP/1.0" 200 5`, { ip: '1.2.3.4' }],
    ['IPv6', `2001:0DB8::0001 - - ${time} "GET / HTTP/1.0" 200 5`, { ip: '2001:db8::1' }],
    ['IPv4 in IPv6', `::ffff:1.2.3.4 - - ${time} "GET / HTTP/1.0" 200 5`, { ip: '1.2.3.4' }],
    ['a forwarded list', `1.2.3.4, 10.0.0.1 - bob ${time} "GET / HTTP/1.0" 200 5`, { ip: '1.2.3.4', actor: 'bob' }],
    [
      'a syslog prefix',
      `Sep 15 16:13:46 web-1.internal nginx[2869]: 1.2.3.4 - - ${time} "GET / HTTP/1.0" 200 5`,
      { ip: '1.2.3.4' },
    ],
    ['another zone', '1.2.3.4 - - [17/May/2015:05:05:03 -0500] "GET / HTTP/1.0" 200 5', { ts: at }],
    [
      "Apache's escaped quote",
      `1.2.3.4 - - ${time} "GET /a\\"b HTTP/1.1" 200 5 "-" "say \\"hi\\""`,
      { path: '/a"b', userAgent: 'say "hi"' },
    ],
    [
      "nginx's escaped quote",
      `1.2.3.4 - - ${time} "GET /a\\x22b HTTP/1.1" 200 5 "-" "\\xC3\\xA9"`,
      { path: '/a"b', userAgent: 'é' },
    ],
    ['an unescaped quote', `1.2.3.4 - - ${time} "GET /a"b HTTP/1.1" 200 5 "-" "a"`, { path: '/a"b', status: 200 }],
    ['a path with spaces', `1.2.3.4 - - ${time} "GET /a b  HTTP/2.0" 200 5`, { path: '/a b' }],
    ['HTTP/0.9', `1.2.3.4 - - ${time} "GET /" 200 5`, { path: '/' }],
    ['the absolute form', `1.2.3.4 - - ${time} "GET http://evil.example/x?y HTTP/1.1" 400 5`, { path: '/x' }],
    ['CONNECT', `1.2.3.4 - - ${time} "CONNECT evil.example:443 HTTP/1.1" 405 5`, { path: 'evil.example:443', method: 'CONNECT' }],
    ['control characters', `1.2.3.4 - - ${time} "GET /a\\nb\\x1b[31m HTTP/1.1" 200 5`, { path: '/a\ufffdb\ufffd[31m' }],
    [
      'a longer line',
      `1.2.3.4 - - ${time} "GET / HTTP/1.1" 200 5 "-" "agent" "9.9.9.9" rt=0.1`,
      { userAgent: 'agent', ip: '1.2.3.4' },
    ],
    ['a nginx status', `1.2.3.4 - - ${time} "GET / HTTP/1.1" 499 0 "-" "agent"`, { status: 499 }],
  ])('reads %s', (_, line, expected) => {
    expect(read(line)).toMatchObject(expected);
  });

  it('cuts what a client made too long, and keeps no query', () => {
    const log = read(
      `1.2.3.4 - - ${time} "GET /${'a'.repeat(5000)}?${'q'.repeat(5000)} HTTP/1.1" 414 5 "-" "${'u'.repeat(5000)}"`,
    );
    expect(log.path).toHaveLength(2048);
    expect(log.path).not.toContain('q');
    expect(log.userAgent).toHaveLength(1024);
  });

  it.each([
    ['', 'no [time] of an access log'],
    ['hello world', 'no [time] of an access log'],
    [`host.example - - ${time} "GET / HTTP/1.0" 200 5`, 'no client address before the time'],
    [`1.2.3.4 - - ${time} "-" 408 0`, 'no HTTP request between the quotes'],
    [`1.2.3.4 - - ${time} "\\x16\\x03\\x01\\x00" 400 150`, 'no HTTP request between the quotes'],
    [`1.2.3.4 - - ${time} GET / 200`, 'no "request" after the time'],
    [`1.2.3.4 - - ${time} "GET / HTTP/1.0" - 5`, 'no status after the request'],
    [`1.2.3.4 - - ${time} "GET / HTTP/1.0" 999 5`, /^status: /],
    ['1.2.3.4 - - [99/May/2015:10:05:03 +0000] "GET / HTTP/1.0" 200 5', 'no [time] of an access log'],
    ['2021/09/30 09:23:53 [error] 1#1: *17 user "foo" was not found', 'a line of an error log'],
  ])('says why not: %s', (line, reason) => {
    const reading = readAccessLine(line);
    expect('reason' in reading && reading.reason).toEqual(typeof reason === 'string' ? reason : expect.stringMatching(reason));
  });

  it('gives back any path and agent, quoted as Apache quotes', () => {
    const quoted = (text: string) => text.replace(/[\\"]/g, '\\$&');
    const plain = fc.string({ unit: 'grapheme-ascii', maxLength: 60 });
    fc.assert(
      fc.property(plain, plain, (path, agent) => {
        const target = `/${path.replace(/[?# ]/g, '')}`;
        const log = read(`1.2.3.4 - - ${time} "GET ${quoted(target)} HTTP/1.1" 200 5 "-" "${quoted(`a${agent}`)}"`);
        expect([log.path, log.userAgent]).toEqual([target, `a${agent}`]);
      }),
    );
  });
});
