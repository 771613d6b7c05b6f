import { describe, expect, it } from 'vitest';
import { ApiError } from '../http.js';
import { errorText } from './dialog.js';

describe('what a dialog says of a fault', () => {
  it('names the fields that the server refused', () => {
    const problem = {
      type: 'urn:plimsoll:problem:invalid-body',
      title: 'Bad Request',
      status: 400,
      code: 'invalid-body' as const,
      detail: 'Some fields are not as they must be.',
      errors: [{ field: 'id', reason: 'lower-case letters only' }],
    };
    expect(errorText(new ApiError({ type: 'problem', problem }))).toBe(
      'Some fields are not as they must be. id: lower-case letters only.',
    );
  });
  it('is the sentence alone where there are none', () => {
    expect(errorText(new ApiError({ type: 'unreachable' }))).toMatch(/^The server cannot be reached/);
  });
});
