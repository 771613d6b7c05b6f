/**
 * Actors under pseudonyms, for everybody and everywhere: what the API and the socket say goes through `hide`, and a
 * pseudonym that comes in stands for its actor, so that links, filters and orders work with either. Whether that is so is one
 * setting of the installation, as of the last second at most; while it cannot be read, nothing is shown by its id.
 */
import { Injectable } from '@nestjs/common';
import { actorsBehind, pseudonymKey, pseudonymOf, pseudonymsOn, rememberPseudonyms } from '@plimsoll/storage';
import { type Context, InjectContext } from '../context.js';
import { actorsIn, renamed } from './names.js';
import { pseudonymsIn } from './spellings.js';

const FRESH_MS = 1_000;
/** Actors whose pseudonym is known to be remembered; the longest unused is written once more. */
const MAX_KNOWN = 50_000;
const NOBODY: ReadonlySet<string> = new Set();

@Injectable()
export class Pseudonyms {
  private on = true;
  private checkedAt = Number.NEGATIVE_INFINITY;
  private checking: Promise<void> | undefined;
  private key: Promise<Buffer> | undefined;
  /** Id -> pseudonym. */
  private readonly known = new Map<string, string>();

  constructor(@InjectContext() private readonly context: Context) {}

  /** Whether actors are shown under pseudonyms now. @throws where the database is away and the last answer is too old. */
  async shown(): Promise<boolean> {
    const age = this.context.now() - this.checkedAt;
    if (age < 0 || age >= FRESH_MS) {
      this.checking ??= this.check().finally(() => {
        this.checking = undefined;
      });
      await this.checking;
    }
    return this.on;
  }

  /** The setting was changed or somebody erased: by this process, or so another one says. */
  forget(): void {
    this.checkedAt = Number.NEGATIVE_INFINITY;
    this.known.clear();
  }

  /**
   * A copy of `value` with pseudonyms in the place of ids, where they are on; each is remembered before anybody sees it.
   * @param asked ids that the caller asked for by a pseudonym: no text of the answer may tell which those are.
   */
  async hide<T>(value: T, asked: ReadonlySet<string> = NOBODY): Promise<T> {
    if (!(await this.shown())) return value;
    const actors = new Set([...actorsIn(value), ...asked]);
    if (actors.size === 0) return value;
    this.key ??= this.loadKey();
    const key = await this.key;
    const names = new Map<string, string>();
    const news: [string, string][] = [];
    for (const actor of actors) {
      const known = this.known.get(actor);
      const name = known ?? pseudonymOf(key, actor);
      if (known === undefined) news.push([name, actor]);
      names.set(actor, name);
    }
    await rememberPseudonyms(this.context.db, news);
    for (const [name, actor] of news) this.keep(actor, name);
    return renamed(value, names, [...asked]);
  }

  /** Of one actor, whether or not pseudonyms are on; not remembered. */
  async of(actor: string): Promise<string> {
    this.key ??= this.loadKey();
    return pseudonymOf(await this.key, actor);
  }

  /** Pseudonym -> id, of those in `value` that anybody was shown. */
  behind(value: unknown): Promise<ReadonlyMap<string, string>> {
    return actorsBehind(this.context.db, pseudonymsIn(JSON.stringify(value) ?? ''));
  }

  private async check(): Promise<void> {
    const at = this.context.now();
    this.on = await pseudonymsOn(this.context.db);
    this.checkedAt = at;
  }

  private loadKey(): Promise<Buffer> {
    const loading = pseudonymKey(this.context.db, this.context.env.PLIMSOLL_MASTER_KEY);
    loading.catch(() => {
      this.key = undefined;
    });
    return loading;
  }

  private keep(actor: string, name: string): void {
    this.known.set(actor, name);
    const [oldest] = this.known.keys();
    if (this.known.size > MAX_KNOWN && oldest !== undefined) this.known.delete(oldest);
  }
}
