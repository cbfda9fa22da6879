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
