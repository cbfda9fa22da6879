export type { ArchivedMessage, ArchivedMessages } from './index-findings.ts';
export type { Finding, FindingCode } from './finding.ts';
export {
  type Summary,
  type Verification,
  type VerificationParts,
  type VerificationPhase,
  type VerificationProgress,
  type VerifyOptions,
  verify,
} from './verify.ts';
export { examine, isSound, refusals } from './doctor/examine.ts';
export { elasticsearchProbes } from './doctor/elasticsearch-probes.ts';
export { machineProbes } from './doctor/machine-probes.ts';
export { redisProbes } from './doctor/redis-probes.ts';
export { objectStorageProbes } from './doctor/storage-probes.ts';
export type { ListedProbe, Outcome, Probe, ProbeResult, Severity, Subject } from './doctor/probe.ts';
export { type LockExamination, lockExamination } from './doctor/lock-examination.ts';
