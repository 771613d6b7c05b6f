import { beforeEach, describe, expect, it } from 'vitest';
import { type Family, RefreshFamilies, type RefreshStorage } from './refresh-families.js';

/** As a database would: one change of a family after another, with time in between; rows as JSON. */
class Rows implements RefreshStorage {
  readonly rows = new Map<string, string>();
  readonly #locks = new Map<string, Promise<unknown>>();
  /** Runs each change twice, as a transaction that is repeated. */
  repeats = false;

  family(id: string): Family {
    return JSON.parse(this.rows.get(id) ?? '{}');
  }
  async insert(family: Family): Promise<void> {
    this.rows.set(family.id, JSON.stringify(family));
  }
  update<T>(id: string, change: (family: Family | undefined) => { family: Family | undefined; outcome: T }): Promise<T> {
    const done = (this.#locks.get(id) ?? Promise.resolve()).then(async () => {
      const text = this.rows.get(id);
      const read = () => (text === undefined ? undefined : (JSON.parse(text) as Family));
      await new Promise((resolve) => setImmediate(resolve));
      if (this.repeats) change(read());
      const { family, outcome } = change(read());
      if (family) this.rows.set(id, JSON.stringify(family));
      return outcome;
    });
    this.#locks.set(id, done);
    return done;
  }
}

const HOUR = 3_600_000;
let now = 0;
let rows: Rows;
let families: RefreshFamilies;
beforeEach(() => {
  now = 1_800_000_000_000;
  rows = new Rows();
  families = new RefreshFamilies(rows, { endSeconds: 12 * 3_600, idleSeconds: 3_600, now: () => now });
});
const tokenFrom = async (token: string, thumbprint?: string): Promise<string> => {
  const refreshed = await families.refresh(token, thumbprint);
  if (refreshed.type !== 'refreshed') throw new Error(refreshed.why);
  return refreshed.token;
};
const why = async (token: string, thumbprint?: string) => {
  const refreshed = await families.refresh(token, thumbprint);
  return refreshed.type === 'refused' ? refreshed.why : refreshed.type;
};

describe('a refresh token', () => {
  it('gives its successor, and says whose it is', async () => {
    const { token, family } = await families.begin('user-7');
    const refreshed = await families.refresh(token);
    expect(refreshed).toMatchObject({ type: 'refreshed', again: false, family, subject: 'user-7', thumbprint: undefined });
    expect(await why(await tokenFrom((refreshed as { token: string }).token))).toBe('refreshed');
  });

  it('gives the same successor again for ten seconds, as after a lost answer', async () => {
    const { token } = await families.begin('user-7');
    const successor = await tokenFrom(token);
    now += 9_999;
    expect(await families.refresh(token)).toMatchObject({ type: 'refreshed', token: successor, again: true });
    expect(await why(successor)).toBe('refreshed');
  });

  it('that comes back later ends the family, for the thief and for the owner', async () => {
    const { token, family } = await families.begin('user-7');
    const successor = await tokenFrom(token);
    now += 10_000;
    expect(await families.refresh(token)).toEqual({ type: 'refused', why: 'reused', family, subject: 'user-7' });
    expect([await why(successor), await why(token)]).toEqual(['revoked', 'revoked']);
    expect(rows.family(family)).toMatchObject({ revokedFor: 'reused', revokedAt: now });
  });

  it('that comes back when its successor was used ends the family at once', async () => {
    const { token } = await families.begin('user-7');
    const second = await tokenFrom(token);
    const third = await tokenFrom(second);
    expect([await why(token), await why(third)]).toEqual(['reused', 'revoked']);
  });

  it('of any earlier generation ends the family', async () => {
    const { token } = await families.begin('user-7');
    let current = token;
    for (let turn = 0; turn < 20; turn += 1) current = await tokenFrom(current);
    expect([await why(token), await why(current)]).toEqual(['reused', 'revoked']);
  });

  it('used by many at the same moment has one successor, for all of them', async () => {
    const { token, family } = await families.begin('user-7');
    const all = await Promise.all(Array.from({ length: 8 }, () => families.refresh(token)));
    const tokens = new Set(all.map((one) => (one.type === 'refreshed' ? one.token : one.why)));
    expect(tokens.size).toBe(1);
    expect(all.filter((one) => one.type === 'refreshed' && !one.again)).toHaveLength(1);
    expect(rows.family(family).generation).toBe(1);
  });

  it('of another key ends the family at once, without grace', async () => {
    const { token } = await families.begin('user-7', 'key-1');
    const successor = await tokenFrom(token, 'key-1');
    expect([await why(token, 'key-2'), await why(successor, 'key-1')]).toEqual(['other-key', 'revoked']);
  });

  it('that is bound is not taken without a proof, nor a free one with one', async () => {
    const bound = await families.begin('user-7', 'key-1');
    const free = await families.begin('user-8');
    expect([await why(bound.token), await why(free.token, 'key-1')]).toEqual(['other-key', 'other-key']);
  });

  it.each(['', 'rubbish', `rt_${'a'.repeat(22)}_${'b'.repeat(43)}`, 'x'.repeat(10_000)])(
    'that never was one is unknown: %j',
    async (text) => {
      expect(await families.refresh(text)).toEqual({ type: 'refused', why: 'unknown' });
    },
  );

  it('that is invented for a family that exists ends nothing', async () => {
    const { token, family } = await families.begin('user-7');
    expect(await why(`rt_${family}_${'b'.repeat(43)}`)).toBe('unknown');
    expect(await why(token)).toBe('refreshed');
  });
});

describe('a session', () => {
  it('ends when it was said to, however often it is refreshed', async () => {
    let { token } = await families.begin('user-7');
    for (let turn = 0; turn < 23; turn += 1) {
      now += HOUR / 2;
      token = await tokenFrom(token);
    }
    now += HOUR / 2;
    expect(await why(token)).toBe('ended');
  });

  it('ends where it is idle for too long', async () => {
    const { token } = await families.begin('user-7');
    now += HOUR - 1;
    const next = await tokenFrom(token);
    now += HOUR;
    expect(await why(next)).toBe('idle');
  });

  it('ends at a sign-out, also one that meets a refresh', async () => {
    const { token, family } = await families.begin('user-7');
    const [refreshed] = await Promise.all([families.refresh(token), families.end(family)]);
    expect(refreshed.type).toBe('refreshed');
    expect(await why((refreshed as { token: string }).token)).toBe('revoked');
    await families.end(family);
    expect(rows.family(family).revokedFor).toBe('signed-out');
    await families.end('unknown');
  });
});

describe('what is stored', () => {
  it('opens nothing: no token, and no successor without its predecessor', async () => {
    const { token, family } = await families.begin('user-7');
    const successor = await tokenFrom(token);
    const stored = rows.rows.get(family) ?? '';
    for (const secret of [token, successor, token.slice(-43), successor.slice(-43)]) expect(stored).not.toContain(secret);
  });

  it('is right where a transaction is repeated', async () => {
    rows.repeats = true;
    const { token } = await families.begin('user-7');
    const successor = await tokenFrom(token);
    expect(await families.refresh(token)).toMatchObject({ token: successor, again: true });
    expect(await why(await tokenFrom(successor))).toBe('refreshed');
  });

  it('is bounded: of spent tokens the last 500 are known', async () => {
    const { token, family } = await families.begin('user-7');
    const used = [token];
    for (let turn = 0; turn < 503; turn += 1) used.push(await tokenFrom(used.at(-1) ?? ''));
    expect(rows.family(family).spent).toHaveLength(500);
    expect([await why(used[0] ?? ''), await why(used[2] ?? ''), await why(used.at(-1) ?? '')]).toEqual([
      'unknown',
      'reused',
      'revoked',
    ]);
  });
});
