import type { AnyDeleteReport } from '../services/delete.ts';
import { renderDeleteReport } from './delete-report.ts';
import { renderKubernetesDelete } from './kubernetes-delete-report.ts';

export function renderAnyDelete(report: AnyDeleteReport): string {
  return 'namespace' in report ? renderKubernetesDelete(report) : renderDeleteReport(report);
}
