import type { Json } from '#kernel';
import { JobFault } from './job-fault.ts';
import { jobPayloadBytesMax, type JobPayload } from './job-queue.ts';

/**
 * The payload as every adapter will hand it out: gone through JSON once, so that none can rely on more.
 * @throws JobFault `payload-refused` when it is not plain JSON, or too large
 */
export function checkedPayload(payload: JobPayload): JobPayload {
  assertPlain(payload, 0);
  const text = JSON.stringify(payload);
  const bytes = Buffer.byteLength(text);
  if (bytes > jobPayloadBytesMax) throw refused(`has ${bytes} bytes, at most ${jobPayloadBytesMax} travel`);
  const parsed: JobPayload = JSON.parse(text);
  return parsed;
}

const depthMax = 8;
const scalars = new Set(['boolean', 'string', 'number']);

function assertPlain(value: Json | undefined, depth: number): void {
  if (depth > depthMax) throw refused(`is nested more than ${depthMax} levels deep`);
  if (value === null || scalars.has(typeof value)) {
    if (typeof value === 'number' && !Number.isFinite(value)) throw refused(`contains ${value}`);
    return;
  }
  if (typeof value !== 'object') throw refused(`contains a value of type ${typeof value}`);
  if (!Array.isArray(value) && !isPlainObject(value)) throw refused('contains an object that JSON would change');
  for (const member of Object.values(value)) assertPlain(member, depth + 1);
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function refused(why: string): JobFault {
  return new JobFault('payload-refused', `a job's payload ${why}`, {
    remedy: 'Send keys: store the content elsewhere and name it.',
  });
}
