import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formats, guessFormat } from './formats.js';
import type { Reading } from './reading.js';

const caddy = {
  level: 'info',
  ts: 1711741827.9626286,
  logger: 'http.log.access',
  request: {
    remote_ip: '10.0.0.1',
    client_ip: '1.2.3.4',
    method: 'POST',
    uri: '/login?next=%2F',
    headers: { 'User-Agent': ['curl/7.88.1'], Authorization: ['Bearer canary'] },
  },
  bytes_read: 7,
  user_id: 'ann',
  duration: 0.0025,
  size: 11,
  status: 401,
};
const traefik = {
  ClientHost: '1.2.3.4',
  ClientUsername: '-',
  DownstreamContentSize: 356,
  DownstreamStatus: 404,
  Duration: 2_500_000,
  RequestContentSize: 3,
  RequestMethod: 'GET',
  RequestPath: '/x?y=1',
  StartUTC: '2021-12-08T14:02:43.464763557Z',
  'request_User-Agent': 'Nikto',
};
const envoy =
  '[2016-04-15T20:17:00.310Z] "POST /api/v1/locations HTTP/2" 204 - 154 7 226 100 "10.0.35.28, 10.0.0.1" "nsq2http" "cc21d9b0-cf5c" "locations" "tcp://10.0.2.1:80"';
const istio =
  '[2020-11-25T21:26:18.409Z] "GET /status/418 HTTP/1.1" 418 - via_upstream - "-" 0 135 4 3 "-" "curl/7.73.0" "84961386-6d84" "httpbin:8000" "10.44.1.27:80" outbound|8000||httpbin 10.44.1.23:37652 10.0.45.184:8000 10.44.1.23:46520 - default';

const logOf = (reading: Reading) => ('log' in reading ? reading.log : reading);

describe('JSON access logs', () => {
  it('reads Caddy', () => {
    const log = logOf(formats.caddy(JSON.stringify(caddy)));
    expect(log).toEqual({
      ts: 1711741827963,
      method: 'POST',
      path: '/login',
      status: 401,
      durationMs: 2.5,
      bytesIn: 7,
      bytesOut: 11,
      ip: '1.2.3.4',
      userAgent: 'curl/7.88.1',
      actor: 'ann',
      verdict: 'allow',
    });
    expect(JSON.stringify(log)).not.toContain('canary');
  });
  it('reads Traefik, JSON and common', () => {
    expect(logOf(formats.traefik(JSON.stringify(traefik)))).toMatchObject({
      ts: Date.parse('2021-12-08T14:02:43.464Z'),
      path: '/x',
      status: 404,
      durationMs: 2.5,
      bytesOut: 356,
      ip: '1.2.3.4',
      userAgent: 'Nikto',
    });
    const common =
      '1.2.3.4 - - [08/Dec/2021:14:02:43 +0000] "GET /x HTTP/1.1" 404 356 "-" "Nikto" 113 "test@docker" "http://172.17.0.3:80" 2ms';
    expect(logOf(formats.traefik(common))).toMatchObject({ status: 404, userAgent: 'Nikto' });
  });
  it.each([
    ['caddy', '{"level":"info","msg":"serving initial configuration"}', /not a line of the access log/],
    ['traefik', '{"level":"error","msg":"boom"}', /not a line of the access log/],
    ['caddy', '{"request":', /not a JSON object/],
    ['ndjson', '[1]', /not a JSON object/],
  ] as const)('says why not: %s %s', (format, line, reason) => {
    expect(formats[format](line)).toEqual({ reason: expect.stringMatching(reason) });
  });
});

describe('Envoy', () => {
  it('reads the default format', () => {
    expect(logOf(formats.envoy(envoy))).toMatchObject({
      ts: Date.parse('2016-04-15T20:17:00.310Z'),
      method: 'POST',
      path: '/api/v1/locations',
      status: 204,
      bytesIn: 154,
      bytesOut: 7,
      durationMs: 226,
      ip: '10.0.35.28',
      userAgent: 'nsq2http',
    });
  });
  it("reads Istio's, with the peer as client", () => {
    expect(logOf(formats.envoy(istio))).toMatchObject({
      status: 418,
      bytesOut: 135,
      durationMs: 4,
      ip: '10.44.1.23',
      userAgent: 'curl/7.73.0',
    });
  });
  it('refuses a line without any client', () => {
    expect(formats.envoy(envoy.replace('10.0.35.28, 10.0.0.1', '-'))).toEqual({
      reason: expect.stringMatching(/no client address/),
    });
  });
});

describe('ndjson', () => {
  const log = { ts: 1_700_000_000_000, method: 'get', path: '/a?b=1', status: 200, ip: '1.2.3.4' };
  it('reads the words of the contract, and names what it ignores', () => {
    const reading = formats.ndjson(JSON.stringify({ ...log, service: 'shop', route: '/:x', colour: 'red', actor: null }));
    expect(reading).toEqual({
      log: {
        ...log,
        method: 'GET',
        path: '/a',
        route: '/:x',
        durationMs: 0,
        bytesIn: 0,
        bytesOut: 0,
        userAgent: '',
        verdict: 'allow',
      },
      service: 'shop',
      unknown: ['colour'],
    });
  });
  it.each([
    ['2026-01-02T03:04:05Z', Date.UTC(2026, 0, 2, 3, 4, 5)],
    ['2026-01-02T03:04:05.678+02:00', Date.UTC(2026, 0, 2, 1, 4, 5, 678)],
    ['2026-01-02T03:04:05+0200', Date.UTC(2026, 0, 2, 1, 4, 5)],
    ['2026-01-02 03:04:05', Date.UTC(2026, 0, 2, 3, 4, 5)],
    [1_700_000_000_000.4, 1_700_000_000_000],
  ])('reads the time %s', (ts, expected) => {
    expect(logOf(formats.ndjson(JSON.stringify({ ...log, ts })))).toMatchObject({ ts: expected });
  });
  it.each([
    [{ ...log, ts: 'yesterday' }, /^ts: /],
    [{ ...log, ip: 'localhost' }, /^ip: /],
    [{ ...log, status: '200' }, /^status: /],
    [{ ...log, path: undefined }, /^path: /],
  ])('says why not: %j', (faulty, reason) => {
    expect(formats.ndjson(JSON.stringify(faulty))).toEqual({ reason: expect.stringMatching(reason) });
  });
  it('writes addresses in the one form that ingestion gives them', () => {
    for (const [ip, plain] of [
      ['2001:DB8:0::7', '2001:db8::7'],
      ['::ffff:192.0.2.7', '192.0.2.7'],
    ]) {
      expect(logOf(formats.ndjson(JSON.stringify({ ...log, ip })))).toMatchObject({ ip: plain });
    }
    expect(formats.ndjson(JSON.stringify({ ...log, ip: 'somewhere' }))).toEqual({ reason: expect.stringMatching(/^ip: /) });
  });

  it('is not harmed by __proto__', () => {
    const line = `{"__proto__":{"polluted":1},"constructor":1,${JSON.stringify(log).slice(1)}`;
    expect('log' in formats.ndjson(line)).toBe(true);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('every reader', () => {
  it.each(Object.entries(formats))('%s answers any line with a log or a reason', (_, reader) => {
    const fragment = fc.constantFrom(
      '"',
      '\\',
      '[',
      ']',
      ' ',
      '- ',
      '1.2.3.4',
      '[17/May/2015:10:05:03 +0000]',
      '"GET / HTTP/1.1" ',
      '200',
      '{',
      '}',
      ':',
    );
    const line = fc.oneof(
      fc.string(),
      fc.array(fc.oneof(fragment, fc.string({ maxLength: 5 }))).map((parts) => parts.join('')),
      fc.json(),
    );
    fc.assert(
      fc.property(line, (text) => {
        const reading = reader(text);
        expect('log' in reading || reading.reason.length > 0).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
  it('takes time in proportion to the line', () => {
    for (const text of [
      '"'.repeat(500_000),
      '['.repeat(500_000),
      `1.2.3.4 - - ${'\\'.repeat(500_000)}`,
      ' '.repeat(500_000),
      `"GET ${' '.repeat(500_000)}`,
    ])
      for (const reader of Object.values(formats)) expect('reason' in reader(text)).toBe(true);
  });
  it('is found by the first line', () => {
    expect(
      [
        JSON.stringify(caddy),
        JSON.stringify(traefik),
        envoy,
        '1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.0" 200 5',
        '{}',
      ].map(guessFormat),
    ).toEqual(['caddy', 'traefik', 'envoy', 'nginx', 'ndjson']);
  });
});
