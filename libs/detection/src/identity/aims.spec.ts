import { describe, expect, it } from 'vitest';
import { aimOf } from './aims.js';

describe('aimOf', () => {
  it.each([
    ['PUT /settings/password', 'sensitive change'],
    ['POST /api/v2/users/me/api_keys', 'sensitive change'],
    ['POST /apiKeys', 'sensitive change'],
    ['DELETE /users/me/mfa', 'sensitive change'],
    ['POST /payees', 'sensitive change'],
    ['PATCH /accounts/:id/bankAccount', 'sensitive change'],
    ['GET /api-keys', 'sensitive reading'],
    ['GET /users/:id/recovery-codes', 'sensitive reading'],
    ['POST /messages', 'change'],
    ['PUT /keyboards/:id', 'change'],
    ['GET /cards', 'none'],
    ['GET /invoices/:id', 'none'],
    ['POST /login', 'none'],
    ['POST /token/refresh', 'none'],
    ['POST /*', 'none'],
    ['OPTIONS /api-keys', 'none'],
  ] as const)('%s: %s', (endpoint, aim) => {
    expect(aimOf(endpoint, undefined)).toBe(aim);
  });

  it('goes by what was said', () => {
    expect(aimOf('POST /messages', true)).toBe('sensitive change');
    expect(aimOf('GET /invoices/:id', true)).toBe('sensitive reading');
    expect(aimOf('PUT /settings/password', false)).toBe('change');
    expect(aimOf('GET /api-keys', false)).toBe('none');
  });
});
