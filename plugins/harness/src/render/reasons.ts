/** What went wrong where, beneath a table: one block for each that has a reason, with what to try. */
export function renderReasons(
  members: readonly { readonly name: string; readonly host: string; readonly result: object }[],
): string[] {
  return members.flatMap(({ name, host, result }) => {
    const { reason, hint } = result as { reason?: string; hint?: string };
    if (reason === undefined) return [];
    const [first = '', ...more] = reason.split('\n');
    const who = name === host ? name : `${name} on ${host}`;
    return [
      '',
      `${who}: ${first}`,
      ...more.map((line) => `  ${line}`),
      ...(hint === undefined ? [] : [`  try: ${hint}`]),
    ];
  });
}
