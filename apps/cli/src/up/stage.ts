/**
 * The parts that run on one data folder: started with a line of progress each, supervised, their output kept in rotated
 * files (and shown with --verbose), struck in a given order. It is the one place that prints while the product runs.
 */
import { join } from 'node:path';
import { Fault, textOf } from '../fault.js';
import { LogFile } from './log-file.js';
import { type Running, type Supervised, supervise } from './supervise.js';

/** For a part that comes up only when all is being stopped. */
const LATE_STOP_MS = 1_500;

export class Stage {
  private readonly parts = new Map<string, Supervised>();
  private readonly starting = new Set<Promise<unknown>>();
  private readonly logs = new Map<string, LogFile>();
  private readonly atStrike: (() => Promise<void>)[] = [];
  private striking = false;

  constructor(
    private readonly logFolder: string,
    private readonly verbose: boolean,
    private readonly print: (text: string) => void = (text) => process.stdout.write(`${text}\n`),
  ) {
    // The terminal may be gone (SIGHUP, a closed pipe); that is no reason to stop badly.
    process.stdout.on('error', () => {});
  }

  say(text: string): void {
    this.print(text);
  }

  /** Runs a step of the start and prints how long it took. Throws once all is being stopped, so that no later step begins. */
  async step<T>(name: string, work: () => Promise<T>): Promise<T> {
    if (this.striking) throw new Fault('stopped');
    const begun = Date.now();
    const result = await work();
    if (this.striking) throw new Fault('stopped');
    this.say(`  ${name.padEnd(10)} ready (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
    return result;
  }

  /** Starts a part and keeps it running from then on. */
  async start(name: string, start: (onLine: (line: string) => void) => Promise<Running>): Promise<void> {
    const log = this.logOf(name);
    const part = { name, logPath: log.path, start: () => start((line) => this.keep(name, log, line)) };
    const work = this.step(name, async () => {
      try {
        const supervised = await supervise(part, (sentence) => this.say(sentence));
        this.parts.set(name, supervised);
        if (this.striking) await supervised.stop(LATE_STOP_MS);
      } catch (error) {
        throw error instanceof Fault ? error : new Fault(`${textOf(error)}. See ${log.path}, mend it, and start again.`);
      }
    });
    const settled = work.catch(() => {});
    this.starting.add(settled);
    await work.finally(() => this.starting.delete(settled));
  }

  onStrike(work: () => Promise<void>): void {
    this.atStrike.push(work);
  }

  /** Stops every part, one after another in the order given, each within its time. */
  async strike(order: [name: string, withinMs: number][]): Promise<void> {
    this.striking = true;
    for (const work of this.atStrike) await work();
    for (const [name, withinMs] of order) await this.parts.get(name)?.stop(withinMs);
    // A start under way when the stop came ends its part itself; what takes longer is left to the watchdog.
    const patience = new Promise((resolve) => setTimeout(resolve, LATE_STOP_MS).unref());
    await Promise.race([Promise.all(this.starting), patience]);
    await Promise.all([...this.logs.values()].map((log) => log.close()));
  }

  private keep(name: string, log: LogFile, line: string): void {
    log.write(line);
    if (this.verbose) this.print(`[${name}] ${line}`);
  }

  private logOf(name: string): LogFile {
    const log = this.logs.get(name) ?? new LogFile(join(this.logFolder, `${name}.log`));
    this.logs.set(name, log);
    return log;
  }
}
