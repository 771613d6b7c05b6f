/**
 * Drives an attack against the demo when the console asks for one, as `simulate` does, and tells how it goes. The console
 * names the attack and nothing else: where, how fast and how long is fixed here. One at a time; an order that comes while one
 * goes on is dropped, since the console knows of it.
 */
import { type AttackCourse, type AttackTold, attackOrderSchema, type DemoAttack } from '@plimsoll/contracts';
import { attacks } from '../simulate/attacks.js';
import { type Course, drive } from '../simulate/drive.js';

const SECONDS = 30;
/** Whose token and password the attacks use that need one. */
const USER = 'user-07';

export class AttackDesk {
  #running: AbortController | undefined;

  /**
   * @param demo where the demo listens
   * @param now milliseconds since the epoch
   * @param seconds how long an attack is driven
   */
  constructor(
    private readonly demo: URL,
    private readonly now: () => number,
    private readonly seconds = SECONDS,
  ) {}

  /** Hears what the console's process says; what is no order is somebody else's. */
  readonly take = (message: unknown, answer: (told: AttackTold) => void): void => {
    const order = attackOrderSchema.safeParse(message);
    if (!order.success || this.#running !== undefined) return;
    void this.run(order.data.attack, (course) => answer({ type: 'attack-course', course }));
  };

  /** Ends the attack that goes on, if any; its last answers are not waited for. */
  stop(): void {
    this.#running?.abort();
  }

  private async run(name: DemoAttack, tell: (course: AttackCourse) => void): Promise<void> {
    const running = new AbortController();
    this.#running = running;
    const startedAt = this.now();
    const say = ({ sent, statuses, firstRefusal }: Course, endedAt: number | null) =>
      tell({
        attack: name,
        startedAt,
        seconds: this.seconds,
        endedAt,
        sent,
        statuses: Object.fromEntries([...statuses].map(([status, times]) => [String(status), times])),
        firstRefusal: firstRefusal ?? null,
      });
    const { rate, address, request } = attacks[name];
    const plan = { url: this.demo, address, rate, seconds: this.seconds, request: (n: number) => request(n, USER) };
    try {
      const course = await drive(plan, running.signal, (_, __, soFar) => say(soFar, null));
      say(course, this.now());
    } finally {
      this.#running = undefined;
    }
  }
}
