/** What came to ingestion for a service: how it was sent, what was refused, and what claimed another time than its own. */
import { z } from 'zod';

/** Names of the counts; each is of the last 24 hours. */
export const doorCounts = [
  /** Batches that were taken. */
  'signed',
  'unsigned',
  /** Batches that were refused: not signed where they must be; a signature that is wrong, or too old or too new; one that came before. */
  'refusedUnsigned',
  'refusedSignature',
  'refusedReplayed',
  /** Request logs marked as late, which never lead to a decision; and those of the future, whose time was set to that of their arrival. */
  'late',
  'ahead',
] as const;
export type DoorCount = (typeof doorCounts)[number];

const count = z.int().min(0);
export const doorSchema = z.object({
  signed: count,
  unsigned: count,
  refusedUnsigned: count,
  refusedSignature: count,
  refusedReplayed: count,
  late: count,
  ahead: count,
});
export type Door = z.infer<typeof doorSchema>;
