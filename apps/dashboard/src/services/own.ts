/** Whose a service is: beside the customer's own there are the demo and the console itself, which nobody has to protect. */
import { DEMO_SERVICE, SELF_SERVICE } from '@plimsoll/contracts';

interface Named {
  id: string;
}

/** Protected, and not only watched as the console is: its policy can be changed and tried. */
export const isProtected = ({ id }: Named): boolean => id !== SELF_SERVICE;

export const isOwn = (service: Named): boolean => isProtected(service) && service.id !== DEMO_SERVICE;

/** Of the customer's own, or of what there is beside the console. */
export const busiest = <T extends Named & { requestsLastMinute: number }>(services: readonly T[]): T | undefined => {
  const [own, others] = [services.filter(isOwn), services.filter(isProtected)];
  return (own.length > 0 ? own : others).toSorted((a, b) => b.requestsLastMinute - a.requestsLastMinute)[0];
};
