/** What each person keeps of the list of alerts: saved views, and what was seen. Nobody changes another's, and of shared views nobody reads those of services behind a wall. */
import { Controller } from '@nestjs/common';
import { listViews, markSeenAlerts, readSeen, removeView, saveView } from '@plimsoll/storage';
import { type Sight, SightOf } from '../access/sight.js';
import { type Caller, CallerOf } from '../auth/guards.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { change } from './change.js';
import { type AnswerOf, Implements, Input, type InputOf } from './operation.js';

/** A view of a service that is not seen would tell of it. */
const servicesIn = (search: string) => new URLSearchParams(search).getAll('service').map((id) => ({ id }));

@Controller()
export class OwnViewsController {
  constructor(@InjectContext() private readonly context: Context) {}

  @Implements('savedViews')
  async savedViews(@CallerOf() { person }: Caller, @SightOf() sight: Sight): AnswerOf<'savedViews'> {
    const views = await listViews(this.context.db, person.id);
    return { items: views.filter(({ owner, search }) => owner.id === person.id || servicesIn(search).every(sight.service)) };
  }

  @Implements('saveView')
  saveView(@Input() { body }: InputOf<'saveView'>, @CallerOf() caller: Caller): AnswerOf<'saveView'> {
    return change(
      this.context,
      caller,
      async (tx, now) => {
        const view = await saveView(tx, caller.person, body, now);
        if (view === undefined) throw new ProblemError('conflict', 'You keep fifty views already. Remove one first.');
        return view;
      },
      ({ id }) => ({ action: 'view.save', object: id, detail: { name: body.name, shared: body.shared } }),
    );
  }

  @Implements('removeView')
  removeView(@Input() { params }: InputOf<'removeView'>, @CallerOf() caller: Caller): AnswerOf<'removeView'> {
    return change(
      this.context,
      caller,
      async (tx) => {
        const view = await removeView(tx, caller.person, params.id);
        if (view === undefined) throw new ProblemError('not-found', 'You have no such view.');
        return view;
      },
      ({ name }) => ({ action: 'view.remove', object: params.id, detail: { name } }),
    );
  }

  @Implements('seen')
  seen(@CallerOf() { person }: Caller): AnswerOf<'seen'> {
    return readSeen(this.context.db, person.id);
  }

  /** What somebody has looked at is no deed for the audit. */
  @Implements('markSeen')
  markSeen(@Input() { body }: InputOf<'markSeen'>, @CallerOf() { person }: Caller): AnswerOf<'markSeen'> {
    const { db, now } = this.context;
    return db.transaction((tx) => markSeenAlerts(tx, person.id, body, now()));
  }
}
