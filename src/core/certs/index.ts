export type { Credential } from './credential.ts';
export {
  type CertificateRequest,
  type CertificateSubject,
  createAuthority,
  issueCertificate,
  type Validity,
} from './issue-certificate.ts';
export { keyMatches } from './key-matches.ts';
export { type CertificateInfo, readCertificates } from './read-certificates.ts';
