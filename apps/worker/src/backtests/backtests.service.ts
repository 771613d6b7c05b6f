/**
 * Takes backtests from their queue, one at a time in the whole installation, each in a process of its own (child.ts). A row
 * that waits and is in no queue is put in again by whoever holds shard 0, and a child whose row says no more that it runs
 * ends by itself. When the worker stops, its child does too; the backtest is begun anew elsewhere.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Inject, Injectable } from '@nestjs/common';
import { BacktestQueue, type BacktestWorker, endBacktest, waitingBacktests, workOnBacktests } from '@plimsoll/storage';
import { CONTEXT, type Context } from '../context.js';
import { ShardsService } from '../shards.service.js';
import { BACKTEST_FLAGS } from './flags.js';

const EVERY_MS = 30_000;
/** A month of a busy service; what takes longer is given up, and said. */
const AT_MOST_MS = 6 * 3_600_000;
const CHILD = fileURLToPath(new URL('./child.js', import.meta.url));

@Injectable()
export class BacktestsService {
  readonly #queue: BacktestQueue;
  #worker: BacktestWorker | undefined;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closing = false;

  constructor(
    @Inject(CONTEXT) private readonly context: Context,
    @Inject(ShardsService) private readonly shards: ShardsService,
  ) {
    this.#queue = new BacktestQueue(context.redis, context.env.PLIMSOLL_NAMESPACE);
  }

  async open(): Promise<void> {
    this.#worker = await workOnBacktests(this.context.redis, this.context.env.PLIMSOLL_NAMESPACE, (id) => this.#run(id));
    this.#timer = setInterval(() => void this.#putBack(), EVERY_MS).unref();
    await this.#putBack();
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#timer);
    this.#child?.kill('SIGKILL');
    await this.#worker?.close();
    await this.#queue.close();
  }

  async #putBack(): Promise<void> {
    if (!this.shards.held.includes(0)) return;
    try {
      await this.#queue.add(await waitingBacktests(this.context.db));
    } catch (error) {
      this.context.log.warn({ err: error }, 'waiting backtests not looked up; tried again later');
    }
  }

  async #run(id: string): Promise<void> {
    if (this.#closing) throw new Error('the worker stops');
    const { log, db, now } = this.context;
    log.info({ backtest: id }, 'backtest begins');
    const child = fork(CHILD, [id], {
      execArgv: [...BACKTEST_FLAGS],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      timeout: AT_MOST_MS,
      killSignal: 'SIGKILL',
    });
    this.#child = child;
    const said: string[] = [];
    if (child.stderr) createInterface({ input: child.stderr }).on('line', (line) => said.length < 20 && said.push(line));
    const [code, signal] = await once(child, 'close');
    this.#child = undefined;
    if (code === 0) return log.info({ backtest: id }, 'backtest ended');
    if (this.#closing) throw new Error('the worker stops');
    log.warn({ backtest: id, code, signal, said }, 'backtest failed');
    // Where the child could still say why, this changes nothing.
    const why = signal === null ? 'It ended by a fault; the log of the worker has more.' : 'It took too much memory or time.';
    await endBacktest(db, id, { fault: why }, now());
  }
}
