/**
 * Watches how far decisions have come: after each decision and each receipt, and, since silence sends no message, of all
 * services every few seconds. Pages hear of what has changed. An instance that stays behind or vanishes is written into the
 * log and the audit, once an hour, by whichever console process sees it first; also when it is well again.
 */
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { hasVanished, type Instance, isBehind, type Reach, settledVersion } from '@plimsoll/contracts';
import { endWarning, firstWarning, listServices, recordAudit } from '@plimsoll/storage';
import { type Context, InjectContext } from '../context.js';
import { type ReachOfInstances, readReach } from './reach.js';

const LOOK_MS = 500;
const LOOK_AT_ALL_MS = 5_000;
/** Instances named in the log and the audit at one look: whoever holds an API key can invent thousands. */
const MAX_TOLD = 20;

type Trouble = 'behind' | 'vanished';
type Emit = (event: { service: string; reach: Reach }) => void;

@Injectable()
export class ReachWatch implements OnModuleDestroy {
  readonly #changed = new Set<string>();
  /** Services are rows that people made: their number bounds these. */
  readonly #said = new Map<string, string>();
  readonly #troubles = new Map<string, Map<string, Trouble>>();
  #timer: NodeJS.Timeout | undefined;
  #lookedAtAllAt = 0;
  #looking = false;

  constructor(@InjectContext() private readonly context: Context) {}

  start(emit: Emit): void {
    this.#timer = setInterval(() => {
      if (this.#looking) return;
      this.#looking = true;
      this.look(emit)
        .catch((err: unknown) => this.context.log.warn({ err }, 'receipts not looked at'))
        .finally(() => {
          this.#looking = false;
        });
    }, LOOK_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
  }

  changed(service: string): void {
    this.#changed.add(service);
  }

  async look(emit: Emit): Promise<void> {
    const now = this.context.now();
    if (now - this.#lookedAtAllAt >= LOOK_AT_ALL_MS) {
      this.#lookedAtAllAt = now;
      for (const { id } of await listServices(this.context.db)) this.#changed.add(id);
    }
    const services = [...this.#changed];
    this.#changed.clear();
    for (const service of services) {
      const read = await readReach(this.context, service);
      const text = JSON.stringify(read.reach);
      if (this.#said.get(service) !== text && (read.items.length > 0 || this.#said.has(service))) {
        this.#said.set(service, text);
        emit({ service, reach: read.reach });
      }
      await this.#warn(service, read, now);
    }
  }

  async #warn(service: string, { items, reach, changedAt }: ReachOfInstances, now: number): Promise<void> {
    const settled = settledVersion(reach.version, changedAt, items, now);
    const before = this.#troubles.get(service) ?? new Map<string, Trouble>();
    const troubles = new Map<string, Trouble>();
    let told = 0;
    for (const instance of items) {
      const trouble = hasVanished(instance, now) ? 'vanished' : isBehind(instance, settled, now) ? 'behind' : undefined;
      if (trouble !== undefined) troubles.set(instance.id, trouble);
      if (trouble === before.get(instance.id)) continue;
      told += 1;
      if (told > MAX_TOLD) continue;
      if (trouble !== undefined) await this.#tell(service, instance, trouble, now);
      else await this.#recovered(service, instance, before.get(instance.id) ?? 'behind', now);
    }
    if (told > MAX_TOLD) this.context.log.warn({ service, more: told - MAX_TOLD }, 'more instances have changed than are named');
    if (troubles.size > 0) this.#troubles.set(service, troubles);
    else this.#troubles.delete(service);
  }

  async #tell(service: string, instance: Instance, trouble: Trouble, now: number): Promise<void> {
    const { redis, env } = this.context;
    if (!(await firstWarning(redis, env.PLIMSOLL_NAMESPACE, `${service}:${instance.id}:${trouble}`))) return;
    const word = trouble === 'vanished' ? 'an instance has vanished' : 'an instance does not enforce the newest decisions';
    await this.#write(`instance.${trouble}`, word, service, instance, now);
  }

  async #recovered(service: string, instance: Instance, trouble: Trouble, now: number): Promise<void> {
    const { redis, env } = this.context;
    await endWarning(redis, env.PLIMSOLL_NAMESPACE, `${service}:${instance.id}:${trouble}`);
    await this.#write('instance.recover', 'an instance enforces the newest decisions again', service, instance, now);
  }

  async #write(action: string, word: string, service: string, instance: Instance, now: number): Promise<void> {
    const { db, log } = this.context;
    const detail = { service, name: instance.name, version: instance.version, seenAt: instance.seenAt };
    log.warn({ instance: instance.id, ...detail }, word);
    await recordAudit(db, { at: now, personId: null, action, object: instance.id, detail, address: '' });
  }
}
