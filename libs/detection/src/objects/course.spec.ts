import { describe, expect, it } from 'vitest';
import { Course } from './course.js';

function read(endpoint: string, path: string): { hash: number; number: number } {
  const course = Course.of(endpoint);
  course?.read(path);
  return { hash: course?.hash ?? -1, number: course?.number ?? -1 };
}

const same = (endpoint: string, one: string, other: string) => read(endpoint, one).hash === read(endpoint, other).hash;

describe('the object of a request', () => {
  it('is what stands at the parameters, wherever they are', () => {
    expect(same('GET /accounts/:id/transactions', '/accounts/7/transactions', '/accounts/8/transactions')).toBe(false);
    expect(same('GET /accounts/:id/transactions', '/accounts/7/transactions', '//accounts/7/transactions/')).toBe(true);
    expect(same('GET /a/:id/b/:item', '/a/1/b/2', '/a/2/b/1')).toBe(false);
    expect(Course.of('GET /accounts')).toBeUndefined();
  });
  it('is the same under a prefix that the template does not have, and the whole rest at a catch-all', () => {
    expect(same('GET /invoices/:id', '/invoices/5', '/api/v1/invoices/5')).toBe(true);
    expect(same('GET /invoices/:id', '/api/v1/invoices/5', '/api/v1/invoices/6')).toBe(false);
    expect(same('GET /files/:rest', '/files/a/b', '/files/a/c')).toBe(false);
  });
  it('is a number where its last parameter is one', () => {
    expect(read('GET /invoices/:id', '/invoices/1042').number).toBe(1042);
    expect(read('GET /a/:id/b/:item', '/a/9/b/17').number).toBe(17);
    expect(read('GET /invoices/:id', '/invoices/10a2').number).toBe(-1);
    expect(read('GET /invoices/:id', '/invoices/12345678901234567890').number).toBe(-1);
    expect(read('GET /a/:id/b', '/a/3').number).toBe(3);
    expect(read('GET /a/:id', '/').number).toBe(-1);
  });
});
