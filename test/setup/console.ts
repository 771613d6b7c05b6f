/** The admin API as a program calls it: an owner of its own, with a key and a passkey, who proves presence where it is asked for. */
import {
  adminApi,
  type BodyOf,
  creationOptionsSchema,
  type OperationName,
  type ParamsOf,
  problemSchema,
  type QueryOf,
  type ResponseOf,
  STEP_UP_HEADER,
  sessionSchema,
} from '@plimsoll/contracts';
import { Authenticator, stepUpHeader } from './authenticator.js';
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
  const authenticator = new Authenticator(origin);
  const request = async (method: string, path: string, body?: unknown, proof?: string): Promise<unknown> => {
    const all = proof === undefined ? headers : { ...headers, [STEP_UP_HEADER]: proof };
    const init = { method, headers: all, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const answer = await holder.fetch(new URL(path, origin).href, init, { accessToken });
    const text = await answer.text();
    const asked = answer.status === 403 && proof === undefined ? problemSchema.parse(JSON.parse(text)).stepUp : undefined;
    if (asked) return request(method, path, body, stepUpHeader(asked.nonce, authenticator.use(asked.options)));
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  const token = (await product.run('members', 'invite', 'Program', '--role', 'owner')).trim().split('#')[1];
  accessToken = sessionSchema.parse(await request('POST', adminApi.signIn.path, { token })).accessToken;
  const options = creationOptionsSchema.parse(await request('POST', adminApi.passkeyOptions.path));
  await request('POST', adminApi.addPasskey.path, { name: 'Program', attestation: authenticator.make(options) });
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
