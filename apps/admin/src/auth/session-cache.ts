/**
 * Sessions as the access check sees them: read from PostgreSQL, remembered for at most five seconds, forgotten at once
 * when any process says on the live channel that one was revoked. A lost message costs those five seconds, no more.
 */
import { Injectable } from '@nestjs/common';
import { type ProvableSession, readSessions } from '@plimsoll/storage';
import { type Context, InjectContext } from '../context.js';

const FRESH_MS = 5_000;
/** Beyond it the longest unread go; the next check reads them again. */
const MAX_SESSIONS = 10_000;

@Injectable()
export class SessionCache {
  /** Counts what was forgotten: what was read meanwhile may be older than the news. */
  private forgotten = 0;
  private readonly entries = new Map<string, { readAt: number; state: ProvableSession | undefined }>();

  constructor(@InjectContext() private readonly context: Context) {}

  /** The session if it is alive: known, not revoked, neither too old nor idle. */
  async alive(id: string): Promise<ProvableSession | undefined> {
    return (await this.aliveOf([id])).get(id);
  }

  /** Those of `ids` that are alive; one statement for all that are not fresh. @param freshMs 0 reads all of them. */
  async aliveOf(ids: string[], freshMs = FRESH_MS): Promise<Map<string, ProvableSession>> {
    const now = this.context.now();
    const stale = ids.filter((id) => !this.isFresh(id, now, freshMs));
    if (stale.length > 0) await this.read(stale, now);
    const states = ids.flatMap((id) => this.entries.get(id)?.state ?? []);
    return new Map(states.filter((state) => !state.revoked && now < state.endsAt).map((state) => [state.id, state]));
  }

  forget(id: string): void {
    this.entries.delete(id);
    this.forgotten += 1;
  }

  /** Something about persons has changed. */
  forgetAll(): void {
    this.entries.clear();
    this.forgotten += 1;
  }

  private isFresh(id: string, now: number, freshMs: number): boolean {
    const entry = this.entries.get(id);
    return entry !== undefined && now - entry.readAt < freshMs && now >= entry.readAt;
  }

  private async read(ids: string[], now: number): Promise<void> {
    let states: Map<string, ProvableSession>;
    let before: number;
    do {
      before = this.forgotten;
      states = await readSessions(this.context.db, ids);
    } while (before !== this.forgotten);
    for (const id of ids) {
      this.entries.delete(id);
      this.entries.set(id, { readAt: now, state: states.get(id) });
    }
    for (const id of this.entries.keys()) {
      if (this.entries.size <= MAX_SESSIONS) break;
      this.entries.delete(id);
    }
  }
}
