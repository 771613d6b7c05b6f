/**
 * The browser's key, to which its session is bound: an ES256 pair of WebCrypto that no script can export, kept in IndexedDB
 * for all tabs, with the number of refreshes that it has proven. Not to be had where the page is not secure.
 */
export interface BrowserKey {
  privateKey: CryptoKey;
  publicKey: CryptoKey;
  /** Refreshes so far. It only grows: a copy of this browser is known by a number that comes twice. */
  count: number;
}

/** Where the key is kept; each function is one transaction over all tabs. */
export interface KeyStore {
  /** The key; made where there is none. */
  get(): Promise<BrowserKey>;
  /** Counts a refresh and gives its number, after it is safely written. */
  count(): Promise<number>;
  forget(): Promise<void>;
}

const NAME = 'plimsoll';
const STORE = 'keys';
const KEY = 'session';

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error('the key store is blocked by another tab'));
  });
}

/** Reads the record and writes what `next` makes of it, at once; undefined deletes it, the same leaves it. */
async function change(next: (old: BrowserKey | undefined) => BrowserKey | undefined): Promise<BrowserKey | undefined> {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      // Strict: a number that a crash of the machine takes back would look like a copy.
      const transaction = database.transaction(STORE, 'readwrite', { durability: 'strict' });
      const store = transaction.objectStore(STORE);
      let value: BrowserKey | undefined;
      const reading: IDBRequest<BrowserKey | undefined> = store.get(KEY);
      reading.onsuccess = () => {
        value = next(reading.result);
        if (value === undefined) store.delete(KEY);
        else if (value !== reading.result) store.put(value, KEY);
      };
      transaction.oncomplete = () => resolve(value);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

async function make(): Promise<BrowserKey> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
  return { privateKey: pair.privateKey, publicKey: pair.publicKey, count: 0 };
}

export const indexedKey: KeyStore = {
  async get() {
    const known = await change((old) => old);
    if (known) return known;
    const made = await make();
    // Of two tabs that make one at the same moment the first one's stays.
    return (await change((old) => old ?? made)) ?? made;
  },
  async count() {
    await this.get();
    const counted = await change((old) => old && { ...old, count: old.count + 1 });
    return counted?.count ?? 1;
  },
  async forget() {
    await change(() => undefined);
  },
};
