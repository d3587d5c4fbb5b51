import type { AnyDeployReport } from '../services/deploy-found.ts';
import { renderAccess } from './access-report.ts';
import { renderDeployReport } from './deploy-report.ts';
import { renderKubernetesDeploy } from './kubernetes-deploy-report.ts';

export function renderAnyDeploy(report: AnyDeployReport): string {
  if ('denied' in report) return renderAccess(report);
  return 'namespace' in report ? renderKubernetesDeploy(report) : renderDeployReport(report);
}
