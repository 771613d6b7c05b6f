/** Which service a command is about: the one that is named, or the only one there is beside Plimsoll itself. */
import { SELF_SERVICE, type Service } from '@plimsoll/contracts';
import { type Database, listServices } from '@plimsoll/storage';
import { Fault } from '../fault.js';

const MOST_NAMED = 20;

export async function chooseService(db: Database, name: string | undefined): Promise<Service> {
  const all = await listServices(db);
  const others = all.filter(({ id }) => id !== SELF_SERVICE);
  const chosen = name === undefined ? (others.length === 1 ? others[0] : undefined) : all.find(({ id }) => id === name);
  if (chosen) return chosen;
  const names = all.slice(0, MOST_NAMED).map(({ id }) => id);
  const more = all.length > MOST_NAMED ? ', ...' : '';
  const known = names.length === 0 ? 'There is none yet.' : `There are: ${names.join(', ')}${more}.`;
  throw new Fault(
    name === undefined ? `Say which service with --service NAME. ${known}` : `There is no service ${name}. ${known}`,
  );
}
