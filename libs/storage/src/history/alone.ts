/**
 * Endpoints that nobody but one actor asked for: the history alone can tell. To be asked when the actor's own logs are deleted and the
 * roll-ups still count them. Who is not signed in is somebody else.
 */
import { ClickHouseError } from '@clickhouse/client';
import type { History } from './history.js';

export interface Place {
  service: string;
  endpoint: string;
}

/** More names hold no one id; what is not asked about is not alone. */
const AT_ONCE = 1_000;

const keyOf = ({ service, endpoint }: Place): string => JSON.stringify([service, endpoint]);

/**
 * @returns those of `places` where requests were counted and none of others is there; none where ClickHouse cannot say, since nothing is
 * kept yet or too much to look through. @throws where it is away
 */
export async function aloneAt({ client }: History, actor: string, places: readonly Place[]): Promise<Place[]> {
  const asked = places.slice(0, AT_ONCE);
  if (asked.length === 0) return [];
  const query_params = { actor, endpoints: [...new Set(asked.map(({ endpoint }) => endpoint))] };
  const at = async (query: string): Promise<Set<string>> => {
    const answer = await client.query({ query, query_params, format: 'JSONEachRow' });
    return new Set((await answer.json<Place>()).map(keyOf));
  };
  try {
    const of = 'SELECT DISTINCT service, endpoint FROM';
    const counted = await at(`${of} request_hour WHERE endpoint IN {endpoints:Array(String)}`);
    const others = await at(`${of} request_log WHERE endpoint IN {endpoints:Array(String)} AND actor != {actor:String}`);
    return asked.filter((place) => counted.has(keyOf(place)) && !others.has(keyOf(place)));
  } catch (error) {
    if (error instanceof ClickHouseError) return [];
    throw error;
  }
}
