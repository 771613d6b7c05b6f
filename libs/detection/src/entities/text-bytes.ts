/**
 * Bytes of the rarer entities (endpoints, populations, watched addresses, open findings): a version byte and ASCII JSON.
 * They are few and irregular; the pairs, of which there are many, have a binary record of their own.
 */
const VERSION = 1;

/** First byte: the version. The rest: JSON with everything beyond ASCII escaped. */
export function toBytes(value: unknown): Uint8Array {
  const text = JSON.stringify(value).replace(/[^\x20-\x7e]/g, escaped);
  const bytes = new Uint8Array(text.length + 1);
  bytes[0] = VERSION;
  for (let index = 0; index < text.length; index += 1) bytes[index + 1] = text.charCodeAt(index);
  return bytes;
}

/** The value, or undefined where the bytes are of another version or damaged. */
export function fromBytes(bytes: Uint8Array): unknown {
  if (bytes[0] !== VERSION) return undefined;
  let text = '';
  for (let from = 1; from < bytes.length; from += 8192) text += String.fromCharCode(...bytes.subarray(from, from + 8192));
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether a stored state could be read: what is damaged must not keep a shard from being taken. */
export function isRead(load: () => boolean): boolean {
  try {
    return load();
  } catch {
    return false;
  }
}

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
