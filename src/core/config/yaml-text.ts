/** A value of JSON as YAML that readers of 1.1 (kubectl) and 1.2 understand alike. Long texts stay on their line. */
export function yamlText(value: unknown): string {
  // On demand: every command loads this folder, and few write YAML.
  const requireYaml = process.getBuiltinModule('node:module').createRequire(import.meta.url);
  const { stringify } = requireYaml('yaml') as typeof import('yaml');
  return stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
}
