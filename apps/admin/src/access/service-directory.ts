/**
 * Where services stand (team, environment), for the live channel, which cannot ask the database at every event: as of the
 * last second, and asked again at once for a service that it does not know.
 */
import { Injectable } from '@nestjs/common';
import type { Service } from '@plimsoll/contracts';
import { listServices } from '@plimsoll/storage';
import { type Context, InjectContext } from '../context.js';

const FRESH_MS = 1_000;
/** Unknown services, which anybody with a key to Redis could name, lead to so many questions at most. */
const PAUSE_MS = 100;

@Injectable()
export class ServiceDirectory {
  private known = new Map<string, Service>();
  private readAt = Number.NEGATIVE_INFINITY;
  private reading: Promise<void> | undefined;

  constructor(@InjectContext() private readonly context: Context) {}

  /** @throws where the database is away and what is known is too old. */
  async find(id: string): Promise<Service | undefined> {
    const age = Math.abs(this.context.now() - this.readAt);
    if (age >= FRESH_MS || (!this.known.has(id) && age >= PAUSE_MS)) await this.read();
    return this.known.get(id);
  }

  private read(): Promise<void> {
    this.reading ??= listServices(this.context.db)
      .then((services) => {
        this.known = new Map(services.map((service) => [service.id, service]));
        this.readAt = this.context.now();
      })
      .finally(() => {
        this.reading = undefined;
      });
    return this.reading;
  }
}
