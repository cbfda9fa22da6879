import { isObjectStorageFault, type ObjectStorageFaultCode } from '#object-storage';

/** Answers that say nothing of what was asked: the probe is undecided. */
const silent: readonly ObjectStorageFaultCode[] = ['unavailable', 'no-such-bucket', 'clock-skewed', 'untrusted'];

export interface Attempt {
  readonly refused: boolean;
  /** The service's word for it, e.g. `AccessDenied`; "accepted" otherwise. */
  readonly answer: string;
}

/** Whether the service refuses a request, in whichever words. @throws ObjectStorageFault where it does not answer it */
export async function attempt(request: () => Promise<unknown>): Promise<Attempt> {
  try {
    await request();
    return { refused: false, answer: 'accepted' };
  } catch (error) {
    if (!isObjectStorageFault(error) || silent.includes(error.code)) throw error;
    const { name, status } = error.facts;
    return { refused: true, answer: `${name ?? error.code}${status === undefined ? '' : ` (${status})`}` };
  }
}
