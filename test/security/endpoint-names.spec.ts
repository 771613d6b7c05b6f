/**
 * Nobody learns an actor's id by the name of an endpoint (T22): while pseudonyms are shown, who may change a service could write a
 * pseudonym into such a name, have it become the id, and then take away the actor by which it is hidden. And nobody learns by such a name
 * that there is a service of another team (T19).
 */
import { type Settings, type SettingsPatch, settingsSchema } from '@plimsoll/contracts';
import { createService, getService, setPersonAttributes, updateService } from '@plimsoll/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Answer, type Visitor } from '../setup/admin-server.js';
import { listen } from '../setup/listener.js';
import { insertAlert, insertService, T0 } from '../setup/records.js';

const ACTOR = 'mallory-7f3';
let server: AdminServer;
let owner: Visitor;
let name: string;
beforeAll(async () => {
  server = await AdminServer.start();
  await insertService(server.db);
  owner = await server.signIn('owner', 'Eve');
  const id = await insertAlert(server.db, { subjectId: ACTOR });
  await owner.call('setPseudonyms', { body: { on: true } });
  name = ((await owner.call('alert', { params: { id } })).body['alert'] as { subject: { id: string } }).subject.id;
});
afterAll(() => server?.close());

const change = (settings: SettingsPatch): Promise<Answer> =>
  owner.call('updateService', { params: { id: 'shop' }, body: { settings } });
const stored = async (): Promise<Settings> => settingsSchema.parse((await getService(server.db, 'shop'))?.settings);
const shown = async () => ((await owner.call('services')).body['items'] as { settings: Settings }[])[0]!.settings;
const allow = (...actors: string[]) => ({ allow: { actors, addresses: [], credentials: [] } });
const endpoints = (id: string) => ({ endpoints: [{ endpoint: `GET /users/${id}`, sensitive: true }] });

describe('an open page', () => {
  it('asks for everything anew when ids are shown or hidden: what it holds names people otherwise', async () => {
    const { socket, close } = await listen(server, owner);
    const epochs: string[] = [];
    socket.on('hello', ({ epoch, seq }) => seq === 0 && epochs.push(epoch));
    await owner.call('setPseudonyms', { body: { on: false } });
    await expect.poll(() => epochs.length).toBe(1);
    await owner.call('setPseudonyms', { body: { on: true } });
    await expect.poll(() => new Set(epochs).size).toBe(2);
    close();
  });
});

describe('T22: the name of an endpoint', () => {
  it.each<[string, (id: string) => SettingsPatch]>([
    ['tuned', (id) => ({ ...allow(id), ...endpoints(id) })],
    ['in a flow', (id) => ({ ...allow(id), flows: [{ name: 'f', steps: ['GET /', `GET /users/${id}`] }] })],
    [
      'in the ladder',
      (id) => ({ ...allow(id), ladder: [{ endpoint: `GET /users/${id}`, steps: [{ action: 'block', seconds: 60 }] }] }),
    ],
  ])('takes no pseudonym, %s: nothing is changed', async (_, settings) => {
    const before = await stored();
    const { status, text } = await change(settings(name));
    expect([status, text]).toEqual([400, expect.stringContaining(`/users/${name} names one user`)]);
    expect(text).not.toContain(ACTOR);
    expect(await stored()).toEqual(before);
  });

  it('that somebody wrote who knows the id comes back as it was, when a page saves a part of what it was shown', async () => {
    expect((await change({ ...allow(ACTOR), ...endpoints(ACTOR) })).status).toBe(200);
    const { endpoints: seen } = await shown();
    expect(seen).toEqual(endpoints(name).endpoints);
    const { status, text } = await change({ endpoints: [...seen, { endpoint: 'GET /x' }] });
    expect([status, text.includes(ACTOR)]).toEqual([200, false]);
    expect((await stored()).endpoints.map(({ endpoint }) => endpoint)).toEqual([`GET /users/${ACTOR}`, 'GET /x']);
  });

  it('keeps the actor listed by whom it is hidden, or goes with it; the audit shows the id in neither case', async () => {
    const refused = await change(allow());
    expect([refused.status, refused.text]).toEqual([409, expect.stringContaining('Remove the endpoint first')]);
    expect((await stored()).allow.actors).toEqual([ACTOR]);
    expect((await change({ endpoints: [] })).status).toBe(200);
    expect((await change(allow())).status).toBe(200);
    for (const read of ['audit', 'exportAudit'] as const) {
      const { status, text } = await owner.call(read);
      expect([status, text.includes(`GET /users/${name}`), text.includes(ACTOR)]).toEqual([200, true, false]);
    }
  });
});

describe('T19: the name of an endpoint', () => {
  it('does not tell a service of another team from none, whether or not it stands there', async () => {
    const outsider = await server.signIn('owner', 'Mallory');
    await createService(server.db, { id: 'ledger', team: 'bank' }, T0);
    await updateService(server.db, 'ledger', { settings: { ...allow(ACTOR), ...endpoints(ACTOR) } });
    await setPersonAttributes(server.db, outsider.person.id, { everyTeam: false, teams: ['sales'] });
    server.advance(6_000);
    const twice = { endpoints: [...endpoints(ACTOR).endpoints, ...endpoints(name).endpoints] };
    for (const settings of [endpoints(name), twice, { ...allow(name), endpoints: [{ endpoint: `GET /carts/${name}` }] }]) {
      const answers = await Promise.all(
        ['ledger', 'nowhere'].map((id) => outsider.call('updateService', { params: { id }, body: { settings } })),
      );
      const [hidden, none] = answers.map(({ status, body: { requestId: _, ...told } }) => [status, told]);
      expect(hidden).toEqual([404, expect.objectContaining({ code: 'not-found' })]);
      expect(hidden).toEqual(none);
    }
  });

  it('tells who sees the service and may not change it no more than that', async () => {
    const viewer = await server.signIn('viewer', 'Vic');
    const { status, text } = await viewer.call('updateService', { params: { id: 'shop' }, body: { settings: endpoints(name) } });
    expect([status, text]).toEqual([403, expect.stringContaining('service.update')]);
  });
});
