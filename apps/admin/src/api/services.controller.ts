/** Services and their ingest keys. Changing them is for owners (access/platform-policies.ts). */
import { Controller } from '@nestjs/common';
import { type Key, type ParsedBody, SELF_SERVICE, type Service, type Settings } from '@plimsoll/contracts';
import {
  applyAllowList,
  createKey,
  createService,
  type Deed,
  getService,
  type KeyDraft,
  type Lifted,
  listKeys,
  listServices,
  lockService,
  pinOf,
  readDoor,
  revokeKey,
  rotateKey,
  stopEnforcing,
  type Transaction,
  turnFeedKeys,
  updateKey,
  updateService,
} from '@plimsoll/storage';
import { type Sight, SightOf } from '../access/sight.js';
import { Budget } from '../auth/budget.js';
import { type Caller, CallerOf } from '../auth/guards.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { readReach } from '../live/reach.js';
import { namedInEndpoints, uncovered } from '../privacy/endpoint-names.js';
import { Pseudonyms } from '../privacy/pseudonyms.js';
import { change } from './change.js';
import { type AnswerOf, Implements, Input, type InputOf } from './operation.js';
import { publishDecisions } from './publish.js';
import { holdBack } from './session-answers.js';

const HOUR_MS = 3_600_000;
/** Tried by one person in an hour: ids are of the whole installation, so that one that is taken tells of a service that may be hidden. */
const TAKEN_AN_HOUR = 60;
const TRIED_TOO_MANY = 'Too many ids that were taken within an hour.';
const endOf = (days: number | undefined, now: number) => (days === undefined ? undefined : now + days * 24 * HOUR_MS);

@Controller()
export class ServicesController {
  private readonly taken = new Budget(TAKEN_AN_HOUR, HOUR_MS);

  constructor(
    @InjectContext() private readonly context: Context,
    private readonly pseudonyms: Pseudonyms,
  ) {}

  @Implements('installation')
  async installation(): AnswerOf<'installation'> {
    return { ingestUrl: this.context.env.INGEST_URL.origin };
  }

  @Implements('services')
  async services(@SightOf() sight: Sight): AnswerOf<'services'> {
    return { items: (await listServices(this.context.db)).filter(sight.service) };
  }

  @Implements('createService')
  async createService(@Input() { body }: InputOf<'createService'>, @CallerOf() caller: Caller): AnswerOf<'createService'> {
    const { id } = caller.person;
    holdBack(this.taken.wait(id, this.context.now()), TRIED_TOO_MANY);
    return change(
      this.context,
      caller,
      async (tx, now) => {
        const created = await createService(tx, body, now);
        if (created !== undefined) return created;
        holdBack(this.taken.take(id, now), TRIED_TOO_MANY);
        throw new ProblemError('conflict', 'There is a service of this id already.');
      },
      (made) => ({ action: 'service.create', object: body.id, service: body.id, after: sideOf(made) }),
    );
  }

  @Implements('updateService')
  async updateService(
    @Input() { params, body }: InputOf<'updateService'>,
    @CallerOf() caller: Caller,
  ): AnswerOf<'updateService'> {
    if (params.id === SELF_SERVICE && body.policy !== undefined && body.policy !== 'monitor')
      throw new ProblemError('conflict', 'The watch over the console only monitors: nobody is shut out by it.');
    const hidden = await this.pseudonyms.shown();
    let before: Service | undefined;
    let told: Lifted = { version: 0, lifted: [] };
    const service = await change(
      this.context,
      caller,
      async (tx, now) => {
        before = found(await lockService(tx, params.id));
        const after = found(await updateService(tx, params.id, body));
        if (hidden && uncovered(before.settings, after.settings).length > 0) throw new ProblemError('conflict', UNCOVERED);
        told = await consequences(tx, before, after, { personName: caller.person.name, now });
        return after;
      },
      (after) => ({
        action: 'service.update',
        object: params.id,
        service: params.id,
        ...difference(before, after, body),
        detail: { ...(told.lifted.length > 0 && { lifted: told.lifted.map(({ id }) => id) }), ...namesOf(before, after) },
      }),
    );
    await publishDecisions(this.context, params.id, told.lifted, told.version);
    return service;
  }

  @Implements('instances')
  async instances(@Input() { params }: InputOf<'instances'>): AnswerOf<'instances'> {
    found(await getService(this.context.db, params.id));
    return readReach(this.context, params.id);
  }

  @Implements('door')
  async door(@Input() { params }: InputOf<'door'>): AnswerOf<'door'> {
    const { db, redis, env, now } = this.context;
    found(await getService(db, params.id));
    return readDoor(redis, env.PLIMSOLL_NAMESPACE, params.id, now());
  }

  @Implements('keys')
  async keys(@Input() { params }: InputOf<'keys'>): AnswerOf<'keys'> {
    found(await getService(this.context.db, params.id));
    return { items: await listKeys(this.context.db, params.id) };
  }

  @Implements('createKey')
  async createKey(@Input() { params, body }: InputOf<'createKey'>, @CallerOf() caller: Caller): AnswerOf<'createKey'> {
    const pin = await this.pin();
    const { key, secret } = await change(
      this.context,
      caller,
      (tx, now) => {
        const { expiresInDays, ...asked } = body;
        return newKey(tx, { service: params.id, ...asked, pin, expiresAt: endOf(expiresInDays, now) }, now);
      },
      (made) => ({ action: 'key.create', object: made.key.id, service: params.id, after: body }),
    );
    return { ...key, secret };
  }

  @Implements('rotateKey')
  async rotateKey(@Input() { params, body }: InputOf<'rotateKey'>, @CallerOf() caller: Caller): AnswerOf<'rotateKey'> {
    const pin = await this.pin();
    const { key, secret } = await change(
      this.context,
      caller,
      async (tx, now) => {
        const draft = { overlapMs: body.overlapHours * HOUR_MS, pin, expiresAt: endOf(body.expiresInDays, now) };
        const made = await rotateKey(tx, params.id, draft, now);
        if (made === undefined) throw new ProblemError('conflict', 'This key has ended. Make a new one.');
        return made;
      },
      ({ key: made, before }) => ({
        action: 'key.rotate',
        object: before.id,
        service: before.service,
        after: { successor: made.id, endsAt: before.expiresAt, expiresAt: made.expiresAt },
      }),
    );
    return { ...key, secret };
  }

  /** The key that signs the feed now: whoever gets the API key trusts this one, and what it endorses. */
  private async pin(): Promise<string> {
    const { db, env, now } = this.context;
    return pinOf(await turnFeedKeys(db, env.PLIMSOLL_FEED_KEY, now()));
  }

  @Implements('updateKey')
  updateKey(@Input() { params, body }: InputOf<'updateKey'>, @CallerOf() caller: Caller): AnswerOf<'updateKey'> {
    return change(
      this.context,
      caller,
      async (tx) => foundKey(await updateKey(tx, params.id, body)),
      (key) => ({ action: 'key.update', object: key.id, service: key.service, after: body }),
    );
  }

  @Implements('revokeKey')
  revokeKey(@Input() { params }: InputOf<'revokeKey'>, @CallerOf() caller: Caller): AnswerOf<'revokeKey'> {
    return change(
      this.context,
      caller,
      async (tx, now) => foundKey(await revokeKey(tx, params.id, now)),
      (key) => ({ action: 'key.revoke', object: key.id, service: key.service, after: { revokedAt: key.revokedAt } }),
    );
  }
}

/** What follows for decisions: who was put on the allow-list is let go, and on a dry run nobody is held by a policy. */
async function consequences(tx: Transaction, before: Service, after: Service, deed: Deed): Promise<Lifted> {
  const told: Lifted = { version: 0, lifted: [] };
  const add = ({ version, lifted }: Lifted) => {
    told.version = version;
    told.lifted.push(...lifted);
  };
  if (JSON.stringify(before.settings.allow) !== JSON.stringify(after.settings.allow))
    add(await applyAllowList(tx, after.id, deed));
  if (after.dryRun && !before.dryRun) add(await stopEnforcing(tx, after.id, deed));
  return told;
}

async function newKey(tx: Transaction, draft: KeyDraft, now: number) {
  found(await getService(tx, draft.service));
  return createKey(tx, draft, now);
}

function foundKey(key: Key | undefined): Key {
  if (key === undefined) throw new ProblemError('not-found', 'There is no such key.');
  return key;
}

function found(service: Service | undefined): Service {
  if (service === undefined) throw new ProblemError('not-found', 'There is no such service.');
  return service;
}

const UNCOVERED =
  'The name of an endpoint holds the id of a user that would not be listed any more, and everybody would read it. Remove the endpoint first, or with it.';

/** Whom names of endpoints name: they are hidden in the row too, by being parties of it. */
function namesOf(before: Service | undefined, after: Service): { actors?: string[] } {
  const actors = [...new Set([before, after].flatMap((each) => (each === undefined ? [] : namedInEndpoints(each.settings))))];
  return actors.length > 0 ? { actors } : {};
}

const sideOf = ({ environment, team, policy, dryRun }: Service) => ({ environment, team, policy, dryRun });

/** What a change named, as it was and as it is now: what is the same in both is left out. */
function difference(before: Service | undefined, after: Service, patch: ParsedBody<'updateService'>) {
  const named = Object.keys(patch.settings ?? {}) as (keyof Settings)[];
  const changed = named.filter((name) => JSON.stringify(before?.settings[name]) !== JSON.stringify(after.settings[name]));
  const side = ({ policy, dryRun, settings, historyDays }: Service) => ({
    ...(before?.policy === after.policy ? {} : { policy }),
    ...(before?.dryRun === after.dryRun ? {} : { dryRun }),
    ...(before?.historyDays === after.historyDays ? {} : { historyDays }),
    ...(changed.length === 0 ? {} : { settings: Object.fromEntries(changed.map((name) => [name, settings[name]])) }),
  });
  return { before: before ? side(before) : {}, after: side(after) };
}
