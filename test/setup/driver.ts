/** The process that started the admin server, as far as it drives attacks: each order has run its course at once, unless told to wait. */
import { EventEmitter } from 'node:events';
import { type AttackCourse, type AttackTold, attackOrderSchema } from '@plimsoll/contracts';

export class Driver extends EventEmitter<{ message: [unknown] }> {
  readonly ordered: string[] = [];

  constructor(private readonly waits = false) {
    super();
  }

  send(message: object): void {
    const { attack } = attackOrderSchema.parse(message);
    this.ordered.push(attack);
    if (!this.waits) this.tell({ attack, endedAt: 2 });
  }

  tell(part: Partial<AttackCourse> & Pick<AttackCourse, 'attack'>): void {
    const none = { startedAt: 1, seconds: 30, endedAt: null, sent: 4, statuses: { 429: 4 }, firstRefusal: null };
    this.emit('message', { type: 'attack-course', course: { ...none, ...part } } satisfies AttackTold);
  }
}
