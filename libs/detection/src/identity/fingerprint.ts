/** Texts as 32 bits: devices by their user agent, networks by the part of an address that a household or carrier keeps. */

/** FNV-1a, spread by the finaliser of MurmurHash3 (A. Appleby, public domain). Zero stands for no text. */
export function fingerprint(text: string, length = text.length): number {
  if (length === 0) return 0;
  let hash = 0x811c9dc5;
  for (let index = 0; index < length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0 || 1;
}

/** The /24 of a v4 address, the /48 of a v6 one: privacy addresses and pools move within it. */
export function networkOf(address: string): number {
  const dot = address.lastIndexOf('.');
  if (dot >= 0) return fingerprint(address, dot);
  let end = -1;
  for (let groups = 0; groups < 3; groups += 1) {
    end = address.indexOf(':', end + 1);
    if (end < 0) return fingerprint(address);
  }
  return fingerprint(address, end);
}
