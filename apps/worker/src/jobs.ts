/** What a job is about, before it is taken through. */
import type { ShardJob } from '@plimsoll/storage';

export function servicesOf(job: ShardJob): string[] {
  if (job.name === 'requests') return [job.data.service];
  return job.name === 'contributions' ? job.data.contributions.map(({ service }) => service) : [];
}

/**
 * Up to when it tells of live traffic, milliseconds; 0 where it tells of none. What is late or imported says nothing of now, and
 * the blocks of an endpoint are told when they are closed, whatever their time.
 */
export function newestOf(job: ShardJob): number {
  let newest = 0;
  if (job.name === 'requests') {
    for (const { timing, ts } of job.data.requests) if (timing === 'live' && ts > newest) newest = ts;
  } else if (job.name === 'contributions') {
    for (const one of job.data.contributions) {
      if (one.entity !== 'endpoint' && !one.historical) newest = Math.max(newest, one.second * 1000);
    }
  }
  return newest;
}
