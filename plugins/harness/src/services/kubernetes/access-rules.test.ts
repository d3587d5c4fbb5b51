import { readFileSync } from 'node:fs';
import { yamlText } from '@etcdperf/core/config';
import { expect, test } from 'vitest';
import { COMMON_RULES } from './access-rules.ts';
import { backendOf } from './backend-of.ts';
import { rolesFor } from './check-access.ts';

const DOCUMENT = new URL('../../../../../docs/kubernetes.md', import.meta.url);

const rulesOf = async (operator?: 'coreos' | 'etcd-io') =>
  (await backendOf({ kubernetes: { operator } } as never)).rules;
const block = (value: unknown) => `\`\`\`yaml\n${yamlText(value)}\`\`\``;

test('docs/kubernetes.md has the Role that the commands need, and what each operator adds', async () => {
  const [role] = rolesFor([...COMMON_RULES, ...(await rulesOf())], 'armada');
  const adds = async (operator: 'coreos' | 'etcd-io') =>
    `With \`operator: ${operator}\`, these rules too:\n\n${block(await rulesOf(operator))}`;
  const wanted = [block(role), await adds('coreos'), await adds('etcd-io')].join('\n\n');
  const [, written] =
    /<!-- role: begin -->\n([\s\S]*?)\n?<!-- role: end -->/.exec(readFileSync(DOCUMENT, 'utf8')) ?? [];
  expect(written).toBe(wanted);
});
