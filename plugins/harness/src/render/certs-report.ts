import { basename, join } from 'node:path';
import { renderTable } from '@etcdperf/core/cli';
import type { CertificateState, CertsReport, Installed } from '../services/certs/certs-report.ts';
import { renderReasons } from './reasons.ts';

export function renderCertsReport(report: CertsReport): string {
  const { cluster, dir, written, certificates, problems, soon, installed, notes } = report;
  const table = renderTable<CertificateState>(
    [
      { title: 'file', value: ({ file }) => shortName(file, dir) },
      { title: 'subject', value: ({ subject }) => subject },
      { title: 'expires', align: 'right', value: ({ expiresInDays }) => expiry(expiresInDays) },
      { title: 'issuer', value: ({ issuer }) => issuer },
      { title: 'serial', value: ({ serial }) => serial.slice(0, 16) },
      { title: 'key', value: ({ key }) => (key ? 'here' : 'elsewhere') },
      { title: 'good for', value: ({ hosts }) => some(hosts) },
    ],
    certificates,
  );
  return [
    `cluster ${cluster}: certificates${dir === undefined ? '' : ` in ${dir}`}`,
    '',
    table,
    ...(written.length === 0 ? [] : ['', `written: ${written.join(', ')}`]),
    ...(installed === undefined ? [] : ['', renderInstalled(installed)]),
    ...(problems.length === 0 ? [] : ['']),
    ...problems.flatMap(({ where, message, hint }) => [
      `- ${where === undefined ? '' : `${shortName(where, dir)}: `}${message}`,
      ...(hint === undefined ? [] : [`  try: ${hint}`]),
    ]),
    ...(soon.length === 0
      ? []
      : ['', `expires soon: ${[...new Set(soon)].map((file) => shortName(file, dir)).join(', ')}`]),
    ...(notes.length === 0 ? [] : ['', ...notes]),
  ].join('\n');
}

/** There may be dozens; `--json` has them all. */
function some(hosts: readonly string[]): string {
  const shown = hosts.length > 4 ? hosts.slice(0, 3) : hosts;
  return shown.join(' ') + (hosts.length > shown.length ? ` and ${hosts.length - shown.length} more` : '');
}

function expiry(days: number): string {
  return days < 0 ? 'EXPIRED' : `in ${days} days`;
}

function renderInstalled(installed: readonly Installed[]): string {
  const table = renderTable<Installed>(
    [
      { title: 'where', value: (one) => (one.kind === 'secret' ? `secret ${one.namespace}/${one.name}` : one.host) },
      { title: 'member', value: (one) => (one.kind === 'host' ? one.name : '') },
      { title: 'state', value: ({ result }) => result.kind },
      { title: 'restart', value: ({ result }) => ('restart' in result && result.restart ? 'needed' : '') },
    ],
    installed,
  );
  return [table, ...renderReasons(installed.filter((one) => one.kind === 'host'))].join('\n');
}

/** A file within the directory that the head line tells goes by its name. */
function shortName(file: string, dir: string | undefined): string {
  return dir !== undefined && file === join(dir, basename(file)) ? basename(file) : file;
}
