/** The admin API as a program calls it: holds a key, signs in with a fresh one-time link and calls operations by name. */
import {
  adminApi,
  type BodyOf,
  type OperationName,
  type ParamsOf,
  type QueryOf,
  type ResponseOf,
  sessionSchema,
} from '@plimsoll/contracts';
import { KeyHolder } from './key-holder.js';
import type { Product } from './product.js';

interface Input<N extends OperationName> {
  params?: ParamsOf<N>;
  query?: QueryOf<N>;
  body?: BodyOf<N>;
}

export interface Console {
  call<N extends OperationName>(name: N, input?: Input<N>): Promise<ResponseOf<N>>;
}

/** A fresh sign-in link of a running product. */
export async function signInLink(product: Product): Promise<string> {
  const link = /http\S+\/sign-in#\S+/.exec(await product.run('sign-in-link'))?.[0];
  if (!link) throw new Error('plimsoll sign-in-link printed no link');
  return link;
}

export async function openConsole(product: Product): Promise<Console> {
  const origin = new URL(product.urls.admin).origin;
  const headers: Record<string, string> = { 'content-type': 'application/json', origin };
  const holder = new KeyHolder();
  let accessToken: string | undefined;
  const request = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const answer = await holder.fetch(new URL(path, origin).href, init, { accessToken });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  const token = (await signInLink(product)).split('#')[1];
  accessToken = sessionSchema.parse(await request('POST', adminApi.signIn.path, { token })).accessToken;
  return {
    call: async (name, input = {}) => {
      const { method, path, response } = adminApi[name];
      const params = (input.params ?? {}) as Record<string, string>;
      const filled = path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(params[key] ?? ''));
      const query = new URLSearchParams(
        Object.entries((input.query ?? {}) as Record<string, unknown>).map(([key, value]) => [key, String(value)]),
      );
      return response.parse(await request(method, `${filled}${query.size > 0 ? `?${query}` : ''}`, input.body)) as never;
    },
  };
}
