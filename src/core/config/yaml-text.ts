import { stringify } from 'yaml';

/** A value of JSON as YAML that readers of 1.1 (kubectl) and 1.2 understand alike. Long texts stay on their line. */
export function yamlText(value: unknown): string {
  return stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
}
