/**
 * The forty customers of the shop. Names, passwords and tokens follow from a number, so that they outlive a restart
 * and anybody can attack the demo in their name. A real API would never do so.
 */
export interface User {
  /** `user-01` to `user-40`. */
  name: string;
  password: string;
  token: string;
}

export const users: readonly User[] = Array.from({ length: 40 }, (_, index) => {
  const name = `user-${String(index + 1).padStart(2, '0')}`;
  return { name, password: `password-${name}`, token: `token-${name}` };
});

const byToken = new Map(users.map((user) => [`bearer ${user.token}`, user]));
const byName = new Map(users.map((user) => [user.name, user]));

/** The customer whose token an Authorization header carries. */
export function userOfToken(authorization: string | undefined): User | undefined {
  return authorization === undefined ? undefined : byToken.get(authorization.replace(/^bearer /i, 'bearer '));
}

export function userNamed(name: string): User | undefined {
  return byName.get(name);
}
