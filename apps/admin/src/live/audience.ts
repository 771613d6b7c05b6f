/**
 * Who may hear what on the live channel: each event goes to the connections whose person may read its class, and to no
 * other. Events are numbered for each connection, so that nobody can tell from a gap what others have heard. What cannot be
 * decided is not sent, and leaves a gap on purpose: the page asks again by HTTP.
 */
import type { AccessActionName, AccessResource, Alert, ClientEvents, Decision, ServerEvents, Service } from '@plimsoll/contracts';
import type { DefaultEventsMap, Server, Socket } from 'socket.io';
import type { AccessPolicy } from '../access/access-policy.js';
import type { Asker } from '../access/asker.js';
import { alertClass, decisionClass, serviceResource } from '../access/resources.js';
import type { ServiceDirectory } from '../access/service-directory.js';
import { classOfAlert, classOfDecision } from '../access/sight.js';

export interface SocketData {
  asker: Asker;
  /** The page was told that its access token has run out. */
  told: boolean;
  /** Names this connection's count of events. */
  epoch: string;
  seq: number;
}
export type LiveServer = Server<ClientEvents, ServerEvents, DefaultEventsMap, SocketData>;
export type LiveSocket = Socket<ClientEvents, ServerEvents, DefaultEventsMap, SocketData>;

/** What an event is about: the action of reading it, and what it is in its service. */
export interface About {
  service: string;
  action: AccessActionName;
  resource: (service: Service) => AccessResource;
}

export class Audience {
  /** Events are sent in the order in which they came, also where one has to wait for a service to be read. */
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly policy: AccessPolicy,
    private readonly directory: ServiceDirectory,
  ) {}

  /** Sends to whoever may hear it; `missed` is called for connections that may have missed one. */
  tell(
    server: LiveServer,
    about: About,
    send: (socket: LiveSocket) => void,
    missed: (socket: LiveSocket) => void = () => {},
  ): void {
    this.last = this.last.then(async () => {
      const sockets = () => server.sockets.sockets.values();
      try {
        await this.policy.refresh();
        const service = await this.directory.find(about.service);
        if (service === undefined) return;
        const resource = about.resource(service);
        for (const socket of sockets()) {
          if (this.policy.sees(socket.data.asker, { action: about.action, resource })) send(socket);
        }
      } catch {
        for (const socket of sockets()) missed(socket);
      }
    });
  }
}

export const ofService = (service: string, action: 'service.read' | 'traffic.read'): About => ({
  service,
  action,
  resource: serviceResource,
});
export const ofAlert = (alert: Alert): About => ({
  service: alert.service,
  action: 'alert.read',
  resource: (home) => alertClass(home, classOfAlert(alert)),
});
export const ofDecision = (decision: Decision): About => ({
  service: decision.service,
  action: 'decision.read',
  resource: (home) => decisionClass(home, classOfDecision(decision)),
});
