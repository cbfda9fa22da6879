import { messageOf, systemCodeOf } from '#kernel';
import { ownProperty } from './own-property.ts';
import { ObjectStorageFault, type ObjectStorageFaultCode } from './object-storage-fault.ts';

const CODE_OF_NAME: Readonly<Record<string, ObjectStorageFaultCode>> = {
  NoSuchBucket: 'no-such-bucket',
  NoSuchKey: 'not-found',
  NoSuchVersion: 'not-found',
  NoSuchUpload: 'not-found',
  NotFound: 'not-found',
  // GET and HEAD of a delete marker.
  MethodNotAllowed: 'not-found',
  PreconditionFailed: 'precondition-failed',
  ConditionalRequestConflict: 'conflict',
  OperationAborted: 'conflict',
  BadDigest: 'bad-digest',
  InvalidDigest: 'bad-digest',
  XAmzContentSHA256Mismatch: 'bad-digest',
  XAmzContentChecksumMismatch: 'bad-digest',
  AccessDenied: 'refused',
  InvalidRequest: 'refused',
  ObjectLocked: 'refused',
  InvalidAccessKeyId: 'bad-credentials',
  SignatureDoesNotMatch: 'bad-credentials',
  ExpiredToken: 'bad-credentials',
  InvalidToken: 'bad-credentials',
  CredentialsProviderError: 'bad-credentials',
  RequestTimeTooSkewed: 'clock-skewed',
  NotImplemented: 'not-supported',
  XMinioStorageFull: 'storage-full',
  InsufficientStorage: 'storage-full',
  QuotaExceeded: 'storage-full',
  SlowDown: 'unavailable',
  RequestTimeout: 'unavailable',
  // The connection broke while the body was sent.
  IncompleteBody: 'unavailable',
  TimeoutError: 'unavailable',
  AbortError: 'unavailable',
};

const CODE_OF_STATUS: Readonly<Record<number, ObjectStorageFaultCode>> = {
  401: 'bad-credentials',
  403: 'refused',
  404: 'not-found',
  405: 'not-found',
  408: 'unavailable',
  409: 'conflict',
  412: 'precondition-failed',
  429: 'unavailable',
  501: 'not-supported',
  507: 'storage-full',
};

const REMEDIES: Readonly<Record<ObjectStorageFaultCode, string>> = {
  unavailable: 'Wait until the object storage answers again; the request can be repeated.',
  conflict: 'Repeat the request: another one for the same key was under way.',
  'storage-full': 'Give the object storage more room.',
  'not-found': 'Check the key and the version.',
  'no-such-bucket': 'Create the bucket with versioning and Object Lock, or correct its name.',
  'precondition-failed': 'Read what is stored at the key.',
  refused: 'Check the permissions of the credentials, and whether a lock protects the object.',
  'bad-digest': 'Send the content again.',
  'bad-credentials': 'Check the access key, the secret key and the session token.',
  'clock-skewed': "Set this machine's clock.",
  'not-supported': 'Use an S3 service that knows this request.',
  untrusted: 'Name the certificate of the authority that signed the certificate of the service.',
  'unsuitable-bucket': 'Use a bucket with versioning and Object Lock on a service that keeps both.',
  unexpected: 'See the cause.',
};

const CERTIFICATE = /CERT|ERR_TLS|UNABLE_TO_(?:VERIFY|GET)/u;

/** What the client library threw, as one of ours. `tried` completes "It failed to …". */
export function faultOf(tried: string, error: unknown): ObjectStorageFault {
  if (error instanceof ObjectStorageFault) return error;
  return storageFault(codeOf(error), tried, messageOf(error), error);
}

export function storageFault(
  code: ObjectStorageFaultCode,
  tried: string,
  problem: string,
  cause?: unknown,
): ObjectStorageFault {
  const status = statusOf(cause);
  return new ObjectStorageFault(code, `The object storage failed to ${tried}: ${problem}`, {
    remedy: REMEDIES[code],
    cause,
    facts: { name: nameOf(cause), ...(status !== undefined && { status }), ...(isMarker(cause) && { marker: true }) },
  });
}

function codeOf(error: unknown): ObjectStorageFaultCode {
  const known = CODE_OF_NAME[nameOf(error)];
  if (known !== undefined) return known;
  const status = statusOf(error);
  if (status !== undefined && status >= 400) return codeOfStatus(status);
  const system = systemCodeOf(error);
  if (system !== undefined) return CERTIFICATE.test(system) ? 'untrusted' : 'unavailable';
  // An answer that was cut or is not what S3 says: it has metadata, and no status of a failure.
  return status === undefined ? 'unexpected' : 'unavailable';
}

function codeOfStatus(status: number): ObjectStorageFaultCode {
  return CODE_OF_STATUS[status] ?? (status >= 500 ? 'unavailable' : 'unexpected');
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'none';
}

function statusOf(error: unknown): number | undefined {
  const known = ownProperty(ownProperty(error, '$metadata'), 'httpStatusCode');
  const answered = known ?? ownProperty(ownProperty(error, '$response'), 'statusCode');
  return typeof answered === 'number' ? answered : undefined;
}

/** Whether nothing is there because a delete marker hides what is. */
function isMarker(error: unknown): boolean {
  return ownProperty(ownProperty(ownProperty(error, '$response'), 'headers'), 'x-amz-delete-marker') === 'true';
}
