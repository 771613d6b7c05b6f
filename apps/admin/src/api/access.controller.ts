/** The access policy in the console: read, check, try, save; and the cases that every edit must keep. */
import { Controller } from '@nestjs/common';
import { type AccessPolicies, type AccessPolicyView, MAX_CASES, MAX_POLICIES, type Simulation } from '@plimsoll/contracts';
import {
  addCase,
  getService,
  listCases,
  listPolicies,
  lockPolicySet,
  policyHistory,
  putPolicy,
  readDecisions,
  removeCase,
  removePolicy,
  type Transaction,
} from '@plimsoll/storage';
import { AccessNews } from '../access/access-news.js';
import { AccessPolicy, withOwn } from '../access/access-policy.js';
import { brokenCases, locksOut, refuseFaults } from '../access/edit.js';
import { offersIn } from '../access/offers.js';
import { platformPolicies, platformSays } from '../access/platform-policies.js';
import { Recorder } from '../access/recorder.js';
import { simulate } from '../access/simulation.js';
import { checkJson, checkText, schemaText } from '../access/validation.js';
import { type Caller, CallerOf } from '../auth/guards.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { change } from './change.js';
import { type AnswerOf, Implements, Input, type InputOf } from './operation.js';

type Draft = { id?: string | undefined; text: string | null };

@Controller()
export class AccessController {
  /** One at a time in a process: each costs up to some seconds of it. */
  private simulating = false;

  constructor(
    @InjectContext() private readonly context: Context,
    private readonly policy: AccessPolicy,
    private readonly recorder: Recorder,
    private readonly news: AccessNews,
  ) {}

  @Implements('allowed')
  async allowed(@Input() { params }: InputOf<'allowed'>, @CallerOf() caller: Caller): AnswerOf<'allowed'> {
    const service = await getService(this.context.db, params.id);
    if (service === undefined) throw new ProblemError('not-found', 'There is no such service.');
    return { allowed: offersIn(this.policy, caller, service) };
  }

  @Implements('accessPolicies')
  async accessPolicies(): AnswerOf<'accessPolicies'> {
    const { db } = this.context;
    const [own, cases] = await Promise.all([listPolicies(db), listCases(db)]);
    return { platform: platformViews(), own, cases, schema: schemaText(), sound: this.policy.sound };
  }

  @Implements('checkAccessPolicy')
  async checkAccessPolicy(@Input() { body }: InputOf<'checkAccessPolicy'>): AnswerOf<'checkAccessPolicy'> {
    return body.text === undefined ? checkJson(body.json) : checkText(body.text);
  }

  @Implements('simulateAccessPolicy')
  async simulateAccessPolicy(
    @Input() { body }: InputOf<'simulateAccessPolicy'>,
    @CallerOf() caller: Caller,
  ): AnswerOf<'simulateAccessPolicy'> {
    if (body.text !== null) refuseFaults(body.text);
    if (this.simulating) throw new ProblemError('too-many-requests', 'An edit is being tried already.', { retryAfterSeconds: 2 });
    this.simulating = true;
    try {
      return await this.tryOut(body, caller);
    } finally {
      this.simulating = false;
    }
  }

  @Implements('createAccessPolicy')
  createAccessPolicy(
    @Input() { body }: InputOf<'createAccessPolicy'>,
    @CallerOf() caller: Caller,
  ): AnswerOf<'createAccessPolicy'> {
    return this.save(caller, { text: body.text }, (tx, now) => putPolicy(tx, body, editorOf(caller, now)));
  }

  @Implements('updateAccessPolicy')
  updateAccessPolicy(
    @Input() { params, body }: InputOf<'updateAccessPolicy'>,
    @CallerOf() caller: Caller,
  ): AnswerOf<'updateAccessPolicy'> {
    const draft = (before: AccessPolicyView): Draft => {
      if (before.version !== body.version)
        throw new ProblemError('conflict', `${before.changedBy} has changed this policy meanwhile. Read it again.`);
      return { id: params.id, text: body.text ?? before.text };
    };
    return this.save(caller, { id: params.id, draft }, (tx, now, before) => {
      const { name = before!.name, text = before!.text } = body;
      return putPolicy(tx, { name, text }, editorOf(caller, now), before);
    });
  }

  @Implements('deleteAccessPolicy')
  async deleteAccessPolicy(
    @Input() { params }: InputOf<'deleteAccessPolicy'>,
    @CallerOf() caller: Caller,
  ): AnswerOf<'deleteAccessPolicy'> {
    await this.save(caller, { id: params.id, draft: () => ({ id: params.id, text: null }) }, async (tx, now, before) => {
      await removePolicy(tx, before!, editorOf(caller, now));
      return before!;
    });
    return null;
  }

  @Implements('accessPolicyHistory')
  async accessPolicyHistory(@Input() { params }: InputOf<'accessPolicyHistory'>): AnswerOf<'accessPolicyHistory'> {
    const items = await policyHistory(this.context.db, params.id);
    if (items.length === 0) throw missing();
    return { items };
  }

  @Implements('createAccessCase')
  createAccessCase(@Input() { body }: InputOf<'createAccessCase'>, @CallerOf() caller: Caller): AnswerOf<'createAccessCase'> {
    return change(
      this.context,
      caller,
      async (tx, now) => {
        await lockPolicySet(tx);
        if ((await listCases(tx)).length >= MAX_CASES)
          throw new ProblemError('conflict', `There are ${MAX_CASES} cases already.`);
        return addCase(tx, body, editorOf(caller, now));
      },
      ({ id }) => ({ action: 'access-case.create', object: id, detail: body }),
    );
  }

  @Implements('deleteAccessCase')
  async deleteAccessCase(
    @Input() { params }: InputOf<'deleteAccessCase'>,
    @CallerOf() caller: Caller,
  ): AnswerOf<'deleteAccessCase'> {
    await change(
      this.context,
      caller,
      async (tx) => {
        await lockPolicySet(tx);
        const gone = await removeCase(tx, params.id);
        if (gone === undefined) throw new ProblemError('not-found', 'There is no such case.');
        return gone;
      },
      (gone) => ({ action: 'access-case.delete', object: params.id, detail: { ...gone } }),
    );
    return null;
  }

  private async tryOut(draft: Draft, caller: Caller): Promise<Simulation> {
    const { db, redis, env } = this.context;
    await this.recorder.flush();
    const own = await listPolicies(db);
    const after = withDraft(own, draft);
    const record = await readDecisions(redis, env.PLIMSOLL_NAMESPACE);
    const outcome = await simulate(withOwn(own), withOwn(after), record, await listCases(db));
    return { ...outcome, locksOut: await locksOut(db, withOwn(after), caller, this.context.now()) };
  }

  /** Under the lock of the set: what must hold of it afterwards is looked at before it is written. */
  private async save(
    caller: Caller,
    about: { text: string } | { id: string; draft: (before: AccessPolicyView) => Draft },
    write: (tx: Transaction, now: number, before?: AccessPolicyView) => Promise<AccessPolicyView>,
  ): Promise<AccessPolicyView> {
    let before: AccessPolicyView | undefined;
    const saved = await change(
      this.context,
      caller,
      async (tx, now) => {
        await lockPolicySet(tx);
        const own = await listPolicies(tx);
        before = 'id' in about ? own.find(({ id }) => id === about.id) : undefined;
        if ('id' in about && before === undefined) throw missing();
        const draft = 'id' in about ? about.draft(before!) : about;
        await this.refuse(tx, own, draft, caller, now);
        return write(tx, now, before);
      },
      (policy) => ({
        action: 'access-policy.save',
        object: policy.id,
        detail: { before: before?.text ?? null, after: policy === before ? null : policy.text, version: policy.version },
      }),
    );
    await this.news.announce();
    return saved;
  }

  private async refuse(
    tx: Transaction,
    own: readonly AccessPolicyView[],
    draft: Draft,
    caller: Caller,
    now: number,
  ): Promise<void> {
    if (draft.text !== null) refuseFaults(draft.text);
    const after = withDraft(own, draft);
    if (after.length > MAX_POLICIES) throw new ProblemError('conflict', `There can be ${MAX_POLICIES} policies.`);
    const broken = brokenCases(withOwn(after), await listCases(tx));
    if (broken.length > 0) {
      const errors = broken
        .slice(0, 20)
        .map(({ name, expected }) => ({ field: 'body.text', reason: `case "${name}" expects ${expected}` }));
      throw new ProblemError('conflict', 'Cases that the policies must keep would come out otherwise.', { errors });
    }
    if (await locksOut(tx, withOwn(after), caller, now)) {
      throw new ProblemError('conflict', 'With this nobody could change the access policy any more.');
    }
  }
}

const editorOf = ({ person }: Caller, now: number) => ({ personId: person.id, name: person.name, now });
const missing = () => new ProblemError('not-found', 'There is no such policy.');

function withDraft(own: readonly AccessPolicyView[], { id = 'draft', text }: Draft): { id: string; text: string }[] {
  const others = own.filter((policy) => policy.id !== id);
  return text === null ? others : [...others, { id, text }];
}

const platformViews = (): AccessPolicies['platform'] =>
  Object.entries(platformPolicies).map(([id, text]) => ({ id, says: platformSays[id] ?? '', text }));
