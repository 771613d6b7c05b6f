/**
 * Endpoints that nobody but one actor asked for, as far back as the history goes: it alone can tell, and only before the actor's logs are
 * deleted there. Who is not signed in is somebody else.
 */
import { ClickHouseError } from '@clickhouse/client';
import type { History } from './history.js';

export interface Place {
  service: string;
  endpoint: string;
}

/** More names hold no one id; what is not asked about is not alone. */
const AT_ONCE = 1_000;
/** Sooner than the client gives up: its own end is no answer, and would be waited for again and again. */
const WITHIN_S = 20;
/** No table yet; too many rows, too slow, too many bytes. All else passes, or is somebody's to mend. */
const CANNOT_SAY = new Set(['60', '158', '159', '160', '307', '396']);

const keyOf = ({ service, endpoint }: Place): string => JSON.stringify([service, endpoint]);

/**
 * @returns those of `places` where the actor was and nobody else; none where ClickHouse cannot say, since nothing is kept yet or too much
 * to look through. @throws where it is away or too busy: to be asked again
 */
export async function aloneAt({ client }: History, actor: string, places: readonly Place[]): Promise<Place[]> {
  const asked = places.slice(0, AT_ONCE);
  if (asked.length === 0) return [];
  const of = (name: keyof Place) => [...new Set(asked.map((place) => place[name]))];
  try {
    const answer = await client.query({
      query: `SELECT service, endpoint FROM request_log
        WHERE service IN {services:Array(String)} AND endpoint IN {endpoints:Array(String)}
        GROUP BY service, endpoint HAVING countIf(actor != {actor:String}) = 0`,
      query_params: { actor, services: of('service'), endpoints: of('endpoint') },
      clickhouse_settings: { max_execution_time: WITHIN_S },
      format: 'JSONEachRow',
    });
    const alone = new Set((await answer.json<Place>()).map(keyOf));
    return asked.filter((place) => alone.has(keyOf(place)));
  } catch (error) {
    if (error instanceof ClickHouseError && CANNOT_SAY.has(error.code)) return [];
    throw error;
  }
}
