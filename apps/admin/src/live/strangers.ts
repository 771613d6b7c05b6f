/**
 * Connections of the live channel that are not signed in yet, counted by network from before the upgrade until they are signed in or
 * gone. Each costs a program nothing and may stay for seconds: without a bound of its own one program could hold all there are.
 */
import type { Socket } from 'node:net';
import { networkOf } from '@plimsoll/storage';

/** At one moment, of one network: an office behind one address signs in at once after a restart, each within a second. */
export const MAX_STRANGERS = 100;

export class Strangers {
  /** Bounded by the connections that there are: a network without one has no entry. */
  private readonly counts = new Map<string, number>();
  private readonly networks = new WeakMap<Socket, string>();

  /** @param address of the client. @returns false where the network has too many already: the connection is then to be refused. */
  enter(connection: Socket, address: string): boolean {
    const network = networkOf(address);
    const count = this.counts.get(network) ?? 0;
    if (count >= MAX_STRANGERS) return false;
    this.counts.set(network, count + 1);
    this.networks.set(connection, network);
    connection.once('close', () => this.leave(connection));
    return true;
  }

  /** Signed in, or gone: whatever comes first counts. */
  leave(connection: Socket): void {
    const network = this.networks.get(connection);
    if (network === undefined) return;
    this.networks.delete(connection);
    const left = (this.counts.get(network) ?? 1) - 1;
    if (left > 0) this.counts.set(network, left);
    else this.counts.delete(network);
  }
}
