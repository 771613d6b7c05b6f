/** Attacks by sheer number: bursts, climbs, walks over objects, downloads, and the whole endpoint at once. */
import { ATTACKS, HOUR, SECOND } from './parameters.js';
import type { Play, Scene } from './scene.js';

/** One actor takes to one endpoint. */
export const burst: Play = (scene) => {
  const { perSecond, seconds } = ATTACKS.burst;
  const client = scene.insider();
  const endpoint = scene.random.pick([scene.at.search, scene.at.product, scene.at.orders, scene.at.reviews]);
  scene.over(scene.share(perSecond * seconds), seconds, (ts) => scene.send(ts, client, endpoint));
};

export const sustained: Play = (scene) => {
  const { perSecond, seconds } = ATTACKS.sustained;
  const client = scene.insider();
  const endpoint = scene.random.pick([scene.at.search, scene.at.orders, scene.at.messages]);
  scene.over(scene.share(perSecond * seconds), seconds, (ts) => scene.send(ts, client, endpoint));
};

/** The burst of the bar: a multiple of the busiest minute that the actor ever had. */
export const thirtyfold: Play = (scene) => {
  const { multiple, seconds } = ATTACKS.thirtyfold;
  const client = scene.insider();
  const busiest = Math.max(5, scene.past.busiestMinute(client.number));
  scene.over(scene.share((multiple * busiest * seconds) / 60), seconds, (ts) => scene.send(ts, client, scene.at.search));
};

/** From an ordinary pace to a multiple of it, a little more each minute. */
export const drift: Play = (scene) => {
  const { multiple, hours, startPerHour } = ATTACKS.drift;
  const client = scene.insider();
  const growth = Math.log(Math.max(2, multiple * scene.volume)) / (hours * HOUR);
  const end = scene.start + hours * HOUR;
  for (let ts = scene.start; ts < end; ) {
    scene.send(ts, client, scene.at.search);
    ts += (HOUR / (startPerHour * Math.exp(growth * (ts - scene.start)))) * scene.random.between(0.8, 1.2);
  }
};

const walk =
  (denied: number): Play =>
  (scene) => {
    const { objects, seconds } = ATTACKS.enumeration;
    const client = scene.insider();
    const first = scene.random.whole(2000, 9000);
    scene.over(scene.share(objects), seconds, (ts, index) => {
      const status = scene.random.chance(denied) ? scene.random.pick([403, 404]) : 200;
      scene.send(ts, client, scene.at.invoice, { path: scene.pathTo(scene.at.invoice, first + index), status });
    });
  };
export const silentEnumeration = walk(0);
export const deniedEnumeration = walk(ATTACKS.enumeration.denied);

/** Through the whole catalogue, slowly. */
const scrape =
  (by: 'insider' | 'stranger'): Play =>
  (scene) => {
    const { objects, seconds } = ATTACKS.scraping;
    const client = scene[by]();
    scene.over(scene.share(objects), seconds, (ts, index) =>
      scene.send(ts, client, scene.at.product, { path: scene.pathTo(scene.at.product, index) }),
    );
  };
export const scrapingActor = scrape('insider');
export const scrapingAddress = scrape('stranger');

export const exfiltration: Play = (scene) => {
  const { downloads, bytes, seconds } = ATTACKS.exfiltration;
  const client = scene.insider();
  // A tenth of the volume is a tenth of the bytes: half of the saving in number, half in size.
  const part = Math.sqrt(scene.volume);
  scene.over(Math.round(downloads * part), seconds, (ts) =>
    scene.send(ts, client, scene.at.exported, { bytesOut: bytes * part * scene.random.between(0.7, 1.3), durationMs: 4000 }),
  );
};

/** Many addresses at once, none of them much. */
export const flood: Play = (scene) => {
  const { multiple, seconds, requestsPerAddress, most } = ATTACKS.flood;
  const endpoint = scene.random.pick([scene.at.search, scene.at.products, scene.at.product]);
  scene.on(endpoint);
  const usual = Math.max(0.05, scene.past.pace(endpoint));
  const count = Math.max(20, Math.round(Math.min(most, multiple * seconds * usual) * scene.volume));
  const clients = Array.from({ length: Math.min(5000, Math.max(20, Math.ceil(count / requestsPerAddress))) }, (_, index) =>
    scene.stranger(index),
  );
  scene.over(count, seconds, (ts) => scene.send(ts, scene.random.pick(clients), endpoint));
};

/** Fewer bad answers than this are nothing that anybody could call trouble of the endpoint. */
const FEWEST = 5;

/** What is asked for by night too. */
const busiest = ({ at, past }: Scene) =>
  [at.product, at.messages, at.products].reduce((most, one) => (past.pace(one) > past.pace(most) ? one : most));

/** No attacker: the endpoint answers with errors, for everybody. */
export const errors: Play = (scene) => {
  const { share, seconds } = ATTACKS.errors;
  const endpoint = busiest(scene);
  if (scene.past.pace(endpoint) * seconds * share * scene.volume < FEWEST) scene.label.moot = true;
  scene.on(endpoint);
  scene.label.end = scene.start + seconds * SECOND;
  const fault = {
    endpoints: [endpoint],
    from: scene.start,
    until: scene.label.end,
    errorShare: share * scene.volume,
    slowness: 1,
  };
  scene.world.faults.push(fault);
};

export const slowness: Play = (scene) => {
  const { multiple, seconds } = ATTACKS.slowness;
  const endpoint = busiest(scene);
  if (scene.past.pace(endpoint) * seconds < FEWEST) scene.label.moot = true;
  scene.on(endpoint);
  scene.label.end = scene.start + seconds * SECOND;
  const factor = Math.max(1.5, multiple * scene.volume);
  scene.world.faults.push({ endpoints: [endpoint], from: scene.start, until: scene.label.end, errorShare: 0, slowness: factor });
};
