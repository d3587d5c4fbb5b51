export {
  type ClusterCertificates,
  type CredentialFiles,
  checkCertificates,
  type PemFile,
  type RequiredHost,
  type RequiredHosts,
  timeProblem,
} from './check-certificates.ts';
export type { Credential } from './credential.ts';
export {
  type CertificateRequest,
  type CertificateSubject,
  createAuthority,
  issueCertificate,
  type Validity,
} from './issue-certificate.ts';
export { keyMatches } from './key-matches.ts';
export { type CertificateInfo, describeCertificate, parseCertificates, readCertificates } from './read-certificates.ts';
export { signerOf } from './signer-of.ts';
