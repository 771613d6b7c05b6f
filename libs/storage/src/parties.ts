/**
 * Who took part in an alert. Findings bring the parties they know; the alert keeps the first of them and how many there
 * were, so that a campaign of millions stays a small row. The count is the greatest that a finding or the list speaks for.
 */
import type { Parties } from '@plimsoll/contracts';
import type { Finding } from '@plimsoll/detection';

/** Parties that are kept of each sort. */
const MAX_KEPT = 1_000;
/** Ids are client text; a longer one is not worth its bytes in a list. */
const MAX_ID = 256;

const NONE: Parties = { items: [], total: 0 };

interface Named {
  actors: Parties;
  addresses: Parties;
}

/** The same objects come back where nothing is new: an unchanged list is not written again. */
export function withParties(before: Named | undefined, finding: Finding): Named {
  return {
    actors: joined(before?.actors ?? NONE, finding.actors, finding.actorCount),
    addresses: joined(before?.addresses ?? NONE, finding.addresses, finding.addressCount),
  };
}

function joined(before: Parties, named: readonly string[] = [], count = 0): Parties {
  const items = new Set(before.items);
  for (const id of named) {
    if (items.size >= MAX_KEPT) break;
    items.add(id.slice(0, MAX_ID));
  }
  const total = Math.max(before.total, items.size, Math.ceil(count));
  if (total === before.total && items.size === before.items.length) return before;
  return { items: [...items], total };
}
