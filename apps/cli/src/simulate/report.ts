/** What `simulate` says: a line a second, and at the end what happened. */
import type { Course } from './drive.js';

const meaning: Record<number, string> = {
  200: '200 served',
  401: '401 wrong password',
  403: '403 blocked',
  404: '404 not found',
  429: '429 throttled',
};

export function secondLine(second: number, counts: Map<number, number>): string {
  const parts = [...counts].sort(([a], [b]) => a - b).map(([status, count]) => `${meaning[status] ?? status}: ${count}`);
  return `${String(second).padStart(4)} s   ${parts.join('   ') || 'no answer'}`;
}

const number = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** The closing sentences. */
export function closing(course: Course): string {
  const refused = (course.statuses.get(429) ?? 0) + (course.statuses.get(403) ?? 0);
  const answered = [...course.statuses.values()].reduce((sum, count) => sum + count, 0);
  const sentences = [
    course.firstRefusal
      ? `${number.format(course.servedBefore)} requests were served before the first ${course.firstRefusal.status}, which came after ` +
        `${number.format(course.firstRefusal.afterMs)} ms; ${number.format(refused)} of ${number.format(answered)} were refused.`
      : `${number.format(answered)} requests were answered and none was refused.`,
  ];
  if (course.failed > 0) sentences.push(`${number.format(course.failed)} got no answer.`);
  if (course.unsent > 0)
    sentences.push(`${number.format(course.unsent)} were not sent, since too many were waiting for an answer.`);
  return sentences.join(' ');
}
