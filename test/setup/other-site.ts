/**
 * Another site on the same machine: a page on 127.0.0.1, which to a browser is no relation of localhost, and what such a page can send
 * to the console without asking it first. Each attempt is run in the page.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface OtherSite {
  url: string;
  close(): Promise<void>;
}

export async function openOtherSite(): Promise<OtherSite> {
  const server = createServer((_, answer) =>
    answer.setHeader('content-type', 'text/html').end('<!doctype html><title>win</title><iframe name="inner"></iframe>'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close };
}

export interface Attempt {
  how: 'form' | 'framed-form' | 'fetch' | 'cors' | 'beacon' | 'image' | 'frame' | 'link';
  method: string;
  url: string;
  /** Of a body. */
  type?: 'application/json' | 'text/plain' | 'application/x-www-form-urlencoded' | 'multipart/form-data';
  body?: string;
}

/** In the page: sends it as such a page can. A form has the whole body as the name of its one field. */
export const SEND = ({ how, method, url, type, body }: Attempt): void => {
  const put = (name: string, attributes: Record<string, string>) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    document.body.append(element);
    return element;
  };
  if (how === 'form' || how === 'framed-form') {
    const target = how === 'form' ? '_self' : 'inner';
    const form = put('form', { method, action: url, enctype: type ?? '', target }) as HTMLFormElement;
    // `{"token":"…","x":"=y"}`: with text/plain a field's name and value become JSON.
    const field = document.createElement('input');
    [field.name, field.value] = [(body ?? '').replace(/\}$/, ',"x":"'), '"}'];
    form.append(field);
    form.submit();
  } else if (how === 'fetch' || how === 'cors') {
    const headers = type === undefined ? {} : { 'content-type': type };
    const mode = how === 'cors' ? 'cors' : 'no-cors';
    void fetch(url, { method, mode, credentials: 'include', headers, ...(body && { body }) }).catch(() => undefined);
  } else if (how === 'beacon') navigator.sendBeacon(url, new Blob([body ?? ''], { type: type ?? '' }));
  else if (how === 'image') put('img', { src: url });
  else if (how === 'frame') put('iframe', { src: url });
  else location.href = url;
};

/** All that changes something by a cookie, or by the body alone. @param token of a link of the attacker's own */
export function attemptsOn(console: string, token: string): Attempt[] {
  const at = (path: string) => new URL(path, console).href;
  const [signIn, refresh, services] = ['/api/session', '/api/session/refresh', '/api/services'].map(at) as [
    string,
    string,
    string,
  ];
  const link = JSON.stringify({ token });
  const service = JSON.stringify({ id: 'forged' });
  const bodies: [string, string][] = [
    [signIn, link],
    [refresh, '{}'],
    [services, service],
  ];
  return [
    ...bodies.flatMap(([url, body]): Attempt[] => [
      { how: 'form', method: 'POST', url, type: 'application/x-www-form-urlencoded', body },
      { how: 'framed-form', method: 'POST', url, type: 'text/plain', body },
      { how: 'form', method: 'POST', url, type: 'text/plain', body },
      { how: 'framed-form', method: 'POST', url, type: 'multipart/form-data', body },
      { how: 'fetch', method: 'POST', url, type: 'text/plain', body },
      { how: 'cors', method: 'POST', url, type: 'application/json', body },
      { how: 'beacon', method: 'POST', url, type: 'text/plain', body },
    ]),
    { how: 'fetch', method: 'POST', url: refresh },
    { how: 'cors', method: 'DELETE', url: signIn },
    { how: 'cors', method: 'PATCH', url: at('/api/services/shop'), type: 'application/json', body: '{"dryRun":true}' },
    ...[signIn, refresh, at('/api/alerts'), at('/api/audit/export')].flatMap((url): Attempt[] =>
      (['image', 'frame', 'link', 'fetch'] as const).map((how) => ({ how, method: 'GET', url })),
    ),
  ];
}
