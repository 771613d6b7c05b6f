/** The process's own log: JSON lines on standard output, so that hostile text cannot forge a line. No request is logged. */
import { type Logger, pino } from 'pino';

export const LOG = Symbol('log');

export const openLog = (level: string): Logger => pino({ name: 'ingest', level });
