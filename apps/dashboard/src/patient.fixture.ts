/**
 * Imported for its effect by what waits for the page: by default `findBy` and `waitFor` give up after a second, and one look
 * by role over a large form takes a good part of it on a busy machine.
 */
import { configure } from '@testing-library/react';

configure({ asyncUtilTimeout: 15_000 });
