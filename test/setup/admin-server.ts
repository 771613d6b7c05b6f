/** The admin server as main.ts starts it, on a free port, with a database, Redis names and a clock of the test's own. */
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type Context, createApp, type HttpLimits, openStores, readEnv, SelfWatch } from '@plimsoll/admin';
import {
  adminApi,
  type CreationOptions,
  LIVE_PATH,
  type Operation,
  type OperationName,
  type Person,
  type Session,
  STEP_UP_HEADER,
  type StepUpChallenge,
} from '@plimsoll/contracts';
import { createPerson, createSignInLink, type Database } from '@plimsoll/storage';
import { pino } from 'pino';
import { expect, inject } from 'vitest';
import { Authenticator, stepUpHeader } from './authenticator.js';
import { freshDatabase, randomNamespace } from './database.js';
import { KeyHolder } from './key-holder.js';
import { freePorts } from './product.js';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The parsed JSON; empty where there was none. */
  body: Record<string, unknown>;
}
export interface CallInput {
  params?: Record<string, string>;
  query?: Record<string, string>;
  body?: unknown;
  headers?: Record<string, string>;
  /** False: a refusal that asks for a step-up is given back as it is. */
  stepUp?: boolean;
}
/** Whose key proves a request, and with which token. */
export interface Credentials {
  holder: KeyHolder;
  session?: Pick<Session, 'accessToken'>;
}
interface Init {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}
export interface Visitor {
  person: Person;
  holder: KeyHolder;
  session: Session;
  /** `name=value`, as a browser sends it back. */
  cookie: string;
  /** Holds the person's passkeys. */
  authenticator: Authenticator;
  /** Proves presence where the server asks for it, and repeats the call, as the console does. */
  call(name: OperationName, input?: CallInput): Promise<Answer>;
}

const cookieOf = (headers: Headers): string => headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';

export class AdminServer {
  /** The key of everybody who brings no own one. */
  readonly holder = new KeyHolder();
  /** Added to the system's clock. */
  private shiftMs = 0;

  private constructor(
    readonly origin: string,
    readonly context: Context,
    /** What the process wrote into its log, one JSON object a line. */
    readonly logLines: string[],
    private readonly stop: () => Promise<void>,
    /** Closes the server, and leaves the stores open. */
    readonly stopServing: () => Promise<void>,
    /** The server itself, for what cannot be told from outside. */
    readonly app: Awaited<ReturnType<typeof createApp>>,
  ) {}

  /** @param shared take another server's database and Redis names: a second process of one installation. */
  static async start(
    options: {
      env?: NodeJS.ProcessEnv;
      shared?: AdminServer;
      limits?: Partial<HttpLimits>;
      statementMs?: number;
      parent?: Context['parent'];
      /** As main.ts starts it: the logs of its requests go to OWN_INGEST_URL. */
      watched?: boolean;
    } = {},
  ): Promise<AdminServer> {
    const port = await freePorts();
    const base = options.shared?.context.env;
    const env = readEnv({
      DATABASE_URL: base?.DATABASE_URL ?? (await freshDatabase()),
      REDIS_URL: inject('redisUrl'),
      PLIMSOLL_NAMESPACE: base?.PLIMSOLL_NAMESPACE ?? randomNamespace(),
      PLIMSOLL_MASTER_KEY: (base?.PLIMSOLL_MASTER_KEY ?? randomBytes(32)).toString('base64url'),
      PLIMSOLL_FEED_KEY: (base?.PLIMSOLL_FEED_KEY ?? randomBytes(32)).toString('base64url'),
      PUBLIC_URL: base?.PUBLIC_URL.origin ?? `http://localhost:${port}`,
      PORT: String(port),
      ...options.env,
    });
    const lines: string[] = [];
    const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
    const { close: closeStores, ...stores } = openStores(env, options.statementMs ? { statementMs: options.statementMs } : {});
    let server: AdminServer | undefined;
    const now = () => Date.now() + (server?.shiftMs ?? options.shared?.shiftMs ?? 0);
    const parent = options.parent && { parent: options.parent };
    const context: Context = { env, ...stores, now, log, ...parent };
    const watch = options.watched ? new SelfWatch(context) : undefined;
    const app = await createApp({ ...context, ...(watch && { watch }) }, options.limits);
    await watch?.open();
    await app.listen(env.PORT, env.HOST);
    const { port: bound } = app.getHttpServer().address() as AddressInfo;
    let closing: Promise<void> | undefined;
    const stopServing = () => (closing ??= app.close());
    const stop = async () => {
      await stopServing();
      await watch?.close();
      await closeStores();
    };
    server = new AdminServer(`http://localhost:${bound}`, context, lines, stop, stopServing, app);
    server.shiftMs = options.shared?.shiftMs ?? 0;
    return server;
  }

  get db(): Database {
    return this.context.db;
  }
  now(): number {
    return this.context.now();
  }
  advance(ms: number): void {
    this.shiftMs += ms;
  }
  close(): Promise<void> {
    return this.stop();
  }

  /** One HTTP request; `origin` is ours unless `headers` say otherwise, and there is no proof unless `by` somebody. */
  async fetch(path: string, init: Init = {}, by?: Credentials): Promise<Answer> {
    const { origin } = this.context.env.PUBLIC_URL;
    const sent = { redirect: 'manual', ...init, headers: { origin, ...init.headers } } as const;
    const answer = await (by
      ? by.holder.fetch(this.origin + path, sent, { accessToken: by.session?.accessToken, origin })
      : fetch(this.origin + path, sent));
    return this.read(answer);
  }

  /** Calls an operation of the contract; with no token unless `by` somebody who is signed in, or `headers` bring one. */
  call(name: OperationName, input: CallInput = {}, by: Credentials = this): Promise<Answer> {
    const { method, path }: Operation = adminApi[name];
    const query = input.query ? `?${new URLSearchParams(input.query)}` : '';
    const url = path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(input.params?.[key] ?? 'absent')) + query;
    const body = input.body === undefined ? {} : { body: JSON.stringify(input.body) };
    const type: Record<string, string> = input.body === undefined ? {} : { 'content-type': 'application/json' };
    return this.fetch(url, { method, ...body, headers: { ...type, ...input.headers } }, by);
  }

  /**
   * A new person who has signed in by a link and made a passkey.
   * @param synced for who proves presence many times at once: such a passkey counts nothing, and no proof is behind another that overtook it.
   */
  async signIn(role: Person['role'] = 'owner', name: string = role, holder = this.holder, synced = false): Promise<Visitor> {
    const visitor = await this.signInByLink(role, name, holder, synced);
    await this.enrol(visitor);
    return visitor;
  }

  /** A new person without a passkey. */
  async signInByLink(
    role: Person['role'] = 'owner',
    name: string = role,
    holder = this.holder,
    synced = false,
  ): Promise<Visitor> {
    const person = await createPerson(this.db, { name, role }, this.now());
    const token = await createSignInLink(this.db, person.id, this.now());
    const answer = await this.call('signIn', { body: { token } }, { holder });
    return this.visitorOf(answer, new Authenticator(this.context.env.PUBLIC_URL.origin, synced), holder);
  }

  /** Whoever has just signed in, by an answer that says so. */
  visitorOf(answer: Answer, authenticator: Authenticator, holder = this.holder): Visitor {
    if (answer.status !== 201) throw new Error(`sign-in: ${answer.status} ${answer.text}`);
    const session = answer.body as unknown as Session;
    const by = { holder, session };
    return {
      ...{ person: session.person, holder, session, authenticator, cookie: cookieOf(answer.headers) },
      call: async (operation, input = {}) => {
        const first = await this.call(operation, input, by);
        const { code, stepUp } = first.body as { code?: string; stepUp?: StepUpChallenge };
        if (code !== 'step-up-required' || stepUp === undefined || input.stepUp === false) return first;
        const proof = stepUpHeader(stepUp.nonce, authenticator.use(stepUp.options));
        return this.call(operation, { ...input, headers: { ...input.headers, [STEP_UP_HEADER]: proof } }, by);
      },
    };
  }

  /** Makes a passkey for somebody who may. */
  async enrol({ call, authenticator }: Visitor, name = 'Test key'): Promise<Answer> {
    const options = await call('passkeyOptions');
    const made = authenticator.make(options.body as unknown as CreationOptions);
    const answer = await call('addPasskey', { body: { name, attestation: made } });
    if (answer.status !== 201)
      throw new Error(`passkey: ${answer.status} ${answer.text} after ${options.status} ${options.text}`);
    return answer;
  }

  /** @param count as browsers do; programs need not. */
  async refresh(
    cookie: string,
    { holder = this.holder, count, headers = {} }: { holder?: KeyHolder; count?: number; headers?: Record<string, string> } = {},
  ): Promise<Answer & { cookie: string }> {
    const { origin } = this.context.env.PUBLIC_URL;
    const init = { method: 'POST', headers: { origin, cookie, ...headers } };
    const answer = await this.read(await holder.fetch(`${this.origin}/api/session/refresh`, init, { origin, count }));
    return { ...answer, cookie: cookieOf(answer.headers) };
  }

  private async read(answer: Response): Promise<Answer> {
    const text = await answer.text();
    const body = /\bjson/.test(answer.headers.get('content-type') ?? '') && text !== '' ? JSON.parse(text) : {};
    return { status: answer.status, headers: answer.headers, text, body };
  }

  /** What a page shows in the socket's handshake. */
  liveCredentials({ holder, session }: Pick<Visitor, 'holder' | 'session'>): { token: string; proof: string } {
    const url = `${this.context.env.PUBLIC_URL.origin.replace('http', 'ws')}${LIVE_PATH}`;
    return { token: session.liveToken, proof: holder.proof({ method: 'GET', url, accessToken: session.liveToken }) };
  }
}

/** Traces of stacks, files, SQL and libraries. */
const LEAKS = /at \S+ \(|node_modules|\.[jt]s:\d+|select |insert into|drizzle|postgres|fastify|nestjs|Unexpected token|\bpg\b/i;

/** The answer tells nothing about the inside. */
export function expectQuiet(answer: Answer): void {
  expect(answer.text).not.toMatch(LEAKS);
  expect(answer.headers.get('x-powered-by')).toBeNull();
  expect(answer.headers.get('server')).toBeNull();
}
