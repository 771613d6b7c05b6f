/** Whose a service is: beside the customer's own there are the demo and the console itself, which nobody has to protect. */
import { DEMO_SERVICE, SELF_SERVICE } from '@plimsoll/contracts';

interface Named {
  id: string;
}

/** Protected, and not only watched as the console is: its policy can be changed and tried. */
export const isProtected = ({ id }: Named): boolean => id !== SELF_SERVICE;

export const isOwn = (service: Named): boolean => isProtected(service) && service.id !== DEMO_SERVICE;
