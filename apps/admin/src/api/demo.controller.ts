/** Attacking the demo from the console, to see the product work. */
import { Controller } from '@nestjs/common';
import { type Caller, CallerOf } from '../auth/guards.js';
import { type Context, InjectContext } from '../context.js';
import { DemoAttacks } from '../demo/demo-attacks.js';
import { change } from './change.js';
import { type AnswerOf, Implements, Input, type InputOf } from './operation.js';

@Controller()
export class DemoController {
  constructor(
    @InjectContext() private readonly context: Context,
    private readonly attacks: DemoAttacks,
  ) {}

  @Implements('demoAttack')
  async demoAttack(@Input() { params }: InputOf<'demoAttack'>): AnswerOf<'demoAttack'> {
    return this.attacks.of(params.id);
  }

  /** The audit has it before the first request is sent. */
  @Implements('attackDemo')
  async attackDemo(@Input() { params, body }: InputOf<'attackDemo'>, @CallerOf() caller: Caller): AnswerOf<'attackDemo'> {
    this.attacks.require(params.id);
    const deed = { action: 'demo.attack', object: params.id, service: params.id, after: body };
    await change(
      this.context,
      caller,
      async () => body,
      () => deed,
    );
    return this.attacks.begin(params.id, body.attack);
  }
}
