/** `plimsoll members`: who may sign in, invitations and links for lost passkeys, for whoever owns the machine. Each is in the audit. */
import type { PersonAttributes } from '@plimsoll/contracts';
import {
  createPerson,
  createSignInLink,
  type Database,
  type LinkPurpose,
  listMembers,
  openDatabase,
  recordAudit,
} from '@plimsoll/storage';
import { type Command, Option } from 'commander';
import { Fault } from '../fault.js';
import { whereabouts } from '../stores/whereabouts.js';
import { defaultData } from '../up/data-folder.js';

interface MembersOptions {
  data: string;
  role: 'owner' | 'analyst' | 'viewer';
  team?: string[];
  service?: string[];
}
type Act = (db: Database, adminUrl: string, options: MembersOptions) => Promise<string>;

async function run(options: MembersOptions, act: Act): Promise<void> {
  const { databaseUrl, adminUrl } = await whereabouts(options.data);
  const database = openDatabase(databaseUrl, { max: 1 });
  try {
    process.stdout.write(`${await act(database.db, adminUrl, options)}\n`);
  } finally {
    await database.close();
  }
}

const list: Act = async (db) =>
  (await listMembers(db, Date.now()))
    .map(({ id, name, role, state, passkeys, attributes }) =>
      [id, name, role, state, `${passkeys} passkeys`, sightOf(attributes)].join('\t'),
    )
    .join('\n');

const sightOf = ({ everyTeam, teams, services }: PersonAttributes): string =>
  everyTeam ? 'every team' : [...teams.map((team) => `team ${team}`), ...services].join(', ') || 'no service';

/** The link, and its row in the audit: nobody was signed in, the command line did it. */
async function linkFor(
  db: Database,
  adminUrl: string,
  person: { id: string; purpose: LinkPurpose; detail?: Record<string, unknown> },
): Promise<string> {
  const at = Date.now();
  const token = await createSignInLink(db, person.id, at, { purpose: person.purpose });
  const action = person.purpose === 'invitation' ? 'member.invite' : 'member.reset';
  await recordAudit(db, {
    at,
    personId: null,
    action,
    object: person.id,
    detail: { by: 'command line', ...person.detail },
    address: '',
  });
  return new URL(`/sign-in#${token}`, adminUrl).href;
}

const invite =
  (name: string): Act =>
  async (db, adminUrl, { role, team: teams = [], service: services = [] }) => {
    const attributes = { everyTeam: teams.length + services.length === 0, teams, services, groups: [] };
    const { id } = await createPerson(db, { name, role, attributes }, Date.now());
    return linkFor(db, adminUrl, { id, purpose: 'invitation', detail: { name, role, attributes } });
  };

const reset =
  (name: string): Act =>
  async (db, adminUrl) => {
    const found = (await listMembers(db, Date.now())).filter((member) => [member.id, member.name].includes(name));
    const [member] = found;
    if (member === undefined) throw new Fault(`Nobody is called ${name}: plimsoll members list shows who there is.`);
    if (found.length > 1) throw new Fault(`${found.length} people are called ${name}: name one by its id.`);
    return linkFor(db, adminUrl, { id: member.id, purpose: 'reset' });
  };

export function register(program: Command): void {
  const members = program.command('members').description('who may sign in to the console');
  const add = (name: string, what: string) =>
    members.command(name).description(what).option('--data <dir>', 'data folder of the running installation', defaultData);
  add('list', 'id, name, role, state, number of passkeys of everybody, and what they see').action((options: MembersOptions) =>
    run(options, list),
  );
  add('invite <name>', 'add a person and print the link for the first sign-in; good once, for 15 minutes')
    .addOption(new Option('--role <role>', 'what the person may do').choices(['owner', 'analyst', 'viewer']).default('analyst'))
    .option('--team <name...>', 'sees the services of these teams, not of every team')
    .option('--service <id...>', 'sees these services, beside those of the teams')
    .action((name: string, options: MembersOptions) => run(options, invite(name)));
  add(
    'reset <name>',
    'print a link by which somebody who has lost all passkeys makes a new one; good once, for 15 minutes',
  ).action((name: string, options: MembersOptions) => run(options, reset(name)));
}
