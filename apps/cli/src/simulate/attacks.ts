/** The attacks that can be driven against the demo shop, by `simulate` and from the console: each says what its n-th request is. */
import { type DemoAttack, demoAttacks } from '@plimsoll/contracts';

export const attackNames = demoAttacks;
export type AttackName = DemoAttack;

export interface AttackRequest {
  method: 'GET' | 'POST';
  path: string;
  headers: Record<string, string>;
  body?: string;
}

export interface Attack {
  /** Requests a second where the caller names none. */
  rate: number;
  /** Where it comes from where the caller names no address: each attack has its own, so that what holds one holds no other. */
  address: string;
  /** What it does, for people. */
  says: (user: string) => string;
  request: (n: number, user: string) => AttackRequest;
}

const login = (user: string, password: string): AttackRequest => ({
  method: 'POST',
  path: '/login',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ user, password }),
});

const folders = [
  'admin',
  'backup',
  'wp-admin',
  'phpmyadmin',
  'old',
  'test',
  'api/v1',
  'cgi-bin',
  'config',
  '.git',
  'vendor',
  'tmp',
];
const files = [
  '.env',
  'config.php',
  'index.php',
  'backup.sql',
  'id_rsa',
  'web.config',
  'shell.php',
  'info.php',
  'debug',
  'users.csv',
];

export const attacks: Record<AttackName, Attack> = {
  flood: {
    rate: 50,
    address: '198.51.100.250',
    says: (user) => `${user} asks for the catalogue over and over`,
    request: (n, user) => ({
      method: 'GET',
      path: `/products?page=${1 + (n % 6)}`,
      headers: { authorization: `Bearer token-${user}` },
    }),
  },
  'brute-force': {
    rate: 5,
    address: '198.51.100.251',
    says: (user) => `somebody guesses the password of ${user}`,
    request: (n, user) => login(user, `guess-${n}`),
  },
  'credential-stuffing': {
    rate: 5,
    address: '198.51.100.252',
    says: () => 'somebody tries a stolen list of accounts, one password each',
    request: (n) => login(n % 4 === 0 ? `user-${String(1 + (n % 40)).padStart(2, '0')}` : `stranger-${n}`, `stolen-${n}`),
  },
  probing: {
    rate: 10,
    address: '198.51.100.253',
    says: () => 'somebody looks for files that are not there',
    request: (n) => ({ method: 'GET', path: `/${folders[n % folders.length]}/${n}/${files[n % files.length]}`, headers: {} }),
  },
};
