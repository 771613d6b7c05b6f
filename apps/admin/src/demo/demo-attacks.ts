/**
 * Attacks on the demo, which whoever started this process drives: ordered over Node's own channel, heard of every second, the
 * last one kept in memory. Where nobody offers it (any installation but the one of `plimsoll up` with its demo) there are none.
 */
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { type AttackCourse, type AttackOrder, attackToldSchema, type DemoAttack, demoAttacks } from '@plimsoll/contracts';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';

/** What the driver says that it will take; it tells the truth a second later. */
const SECONDS = 30;
/** A driver that is silent for so long has gone: another attack may be ordered. */
const SILENT_MS = 10_000;

@Injectable()
export class DemoAttacks implements OnModuleDestroy {
  private course: AttackCourse | null = null;
  private heardAt = 0;

  constructor(@InjectContext() private readonly context: Context) {
    context.parent?.on('message', this.hear);
  }

  onModuleDestroy(): void {
    this.context.parent?.off('message', this.hear);
  }

  /** What can be driven against a service, and how the last attack goes. */
  of(service: string): { attacks: DemoAttack[]; course: AttackCourse | null } {
    return this.isDemo(service) ? { attacks: [...demoAttacks], course: this.course } : { attacks: [], course: null };
  }

  /** @throws ProblemError `conflict` where the service is not the demo, or is being attacked. */
  require(service: string): void {
    if (!this.isDemo(service)) throw new ProblemError('conflict', 'Only the demo that runs beside this console can be attacked.');
    const goesOn = this.course?.endedAt === null && this.context.now() - this.heardAt < SILENT_MS;
    if (goesOn) throw new ProblemError('conflict', 'An attack goes on. Wait until it has ended.');
  }

  /** Orders an attack. @throws as {@link require}. */
  begin(service: string, attack: DemoAttack): AttackCourse {
    this.require(service);
    const order: AttackOrder = { type: 'attack', attack };
    this.heardAt = this.context.now();
    const course = {
      attack,
      startedAt: this.heardAt,
      seconds: SECONDS,
      endedAt: null,
      sent: 0,
      statuses: {},
      firstRefusal: null,
    };
    this.course = course;
    this.context.parent?.send(order);
    return course;
  }

  private isDemo(service: string): boolean {
    return this.context.parent !== undefined && this.context.env.DEMO_SERVICE === service;
  }

  private readonly hear = (message: unknown): void => {
    const told = attackToldSchema.safeParse(message);
    if (!told.success) return;
    this.course = told.data.course;
    this.heardAt = this.context.now();
  };
}
