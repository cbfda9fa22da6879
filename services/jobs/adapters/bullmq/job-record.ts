import type { Job as StoredJob } from 'bullmq';
import { z } from 'zod';
import type { FailedJob, Job, JobOutcome, JobPayload } from '../../job-queue.ts';

/** What a job's data hold in Redis: payload, partition, and who waits for its outcome (nobody, when it was enqueued). */
export const jobRecord = z.object({
  p: z.record(z.string(), z.json()),
  q: z.string(),
  w: z.string().optional(),
});

export interface JobRecord {
  readonly p: JobPayload;
  readonly q: string;
  readonly w?: string;
}

/** The same name for all jobs of a queue: BullMQ keeps one with each of them. */
export const recordName = 'j';

/** Outcomes as they travel to whoever waits for them. */
export const outcomesNotice = z.object({
  type: z.string(),
  outcomes: z.array(
    z.discriminatedUnion('ok', [
      z.object({ id: z.string(), ok: z.literal(true), result: z.json() }),
      z.object({ id: z.string(), ok: z.literal(false), error: z.string(), attempts: z.number() }),
    ]),
  ),
});

export interface OutcomesNotice {
  readonly type: string;
  readonly outcomes: readonly JobOutcome[];
}

/** The stored job as a handler sees it, or undefined when what Redis holds is none of ours. */
export function jobOf(type: string, stored: StoredJob): Job | undefined {
  const { data, success } = jobRecord.safeParse(stored.data);
  if (!success || stored.id === undefined) return undefined;
  return { id: stored.id, type, payload: data.p, partition: data.q, attempt: stored.attemptsMade + 1 };
}

/** Who waits for the outcome of a stored job. */
export function waiterOf(stored: StoredJob): string | undefined {
  return jobRecord.safeParse(stored.data).data?.w;
}

export function failedJobOf(type: string, stored: StoredJob): FailedJob | undefined {
  const job = jobOf(type, stored);
  if (job === undefined) return undefined;
  const attempt = Math.max(1, stored.attemptsMade);
  return { ...job, attempt, error: stored.failedReason, failedAt: stored.finishedOn ?? 0 };
}
