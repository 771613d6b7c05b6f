/**
 * Reads what stands behind the `?` of the address: whatever is not as it must be is left out, so that an old link or one that was
 * cut off still leads to its page. The router has made values of it already: numbers, truth values, texts.
 */
type Reader<T> = (value: unknown) => T | undefined;
type Read<F> = { [K in keyof F]?: F[K] extends Reader<infer T> ? T | undefined : never };

/** @returns reads an address's fields; unknown ones are left out. */
export const searchOf =
  <F extends Record<string, Reader<unknown>>>(fields: F) =>
  (search: Record<string, unknown>): Read<F> =>
    Object.fromEntries(
      Object.entries(fields).flatMap(([name, read]) => {
        const value = read(search[name]);
        return value === undefined ? [] : [[name, value]];
      }),
    ) as Read<F>;

/** Of what looks like a number too, since an id may be `42`. */
export const textUpTo =
  (max: number): Reader<string> =>
  (value) => {
    if (!['string', 'number', 'boolean'].includes(typeof value)) return undefined;
    const text = String(value);
    return text.length <= max ? text : undefined;
  };

export const textLike =
  (form: RegExp): Reader<string> =>
  (value) =>
    typeof value === 'string' && form.test(value) ? value : undefined;

export const oneOf =
  <const T extends string>(names: readonly T[]): Reader<T> =>
  (value) =>
    names.find((name) => name === value);

/** `rate,probing`, or a list, as older links have it; what is no known name is left out. */
export const namesOf =
  (known: readonly string[]): Reader<string> =>
  (value) => {
    const names = Array.isArray(value) ? value : textUpTo(Number.POSITIVE_INFINITY)(value)?.split(',');
    return names && known.filter((name) => names.includes(name)).join(',');
  };

export const truth: Reader<boolean> = (value) => (typeof value === 'boolean' ? value : undefined);
export const onlyTrue: Reader<true> = (value) => (value === true ? true : undefined);

const LAST_MS = 8_640_000_000_000_000;
/** Milliseconds since the epoch: the same for everybody who opens the address. */
export const time: Reader<number> = (value) => {
  const ms = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof ms === 'number' && Number.isInteger(ms) && ms >= 0 && ms <= LAST_MS ? ms : undefined;
};

/** An id that Plimsoll made. */
export const ownId = textLike(/^[A-Za-z0-9_-]{1,80}$/);
/** Of a service. */
export const serviceName = textUpTo(63);
