/**
 * Client text is hostile wherever it goes. These schemas bound its length and make control characters visible
 * (U+FFFD), so that a NUL cannot break PostgreSQL and a CR/LF cannot forge a log line. Escaping for HTML, SQL or keys
 * stays with whoever writes there.
 */
import { z } from 'zod';

// C0, DEL, C1, line separators, bidirectional overrides and lone surrogates.
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Replaces characters that forge lines, reorder text or break encodings by U+FFFD. */
export function cleanText(text: string): string {
  return text.replace(UNSAFE, '\ufffd');
}

/** Text of a client: `min` to `max` characters, cleaned. zod counts code points: in UTF-8 it may have four bytes for each. */
export const clientText = (max: number, min = 1) => z.string().min(min).max(max).transform(cleanText);

/** `METHOD /route/:param`. */
export const endpointName = z
  .string()
  .max(768)
  .regex(/^[A-Z-]{1,20} \//, 'METHOD /route, as in POST /orders/:id')
  .transform(cleanText);

/** Milliseconds since the epoch. */
export const epochMs = z.int().min(0).max(8_640_000_000_000_000);

/** A service's id: what `service.name` is in OpenTelemetry, as a slug. */
export const serviceId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and dashes, 1 to 63 of them');

/** Ids that Plimsoll makes: a short prefix and a hash or random part. */
export const ownId = z.string().regex(/^[a-z]{2,4}_[A-Za-z0-9_-]{8,64}$/);
