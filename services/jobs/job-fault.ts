import { Fault } from '#kernel';

export type JobFaultCode = 'payload-refused' | 'already-working' | 'closed';

export class JobFault extends Fault<JobFaultCode> {}
