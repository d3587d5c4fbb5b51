import { type LoadIntoOptions, loadInto } from './load-into.ts';

// A load in a process of its own, to be ended by kill -9. Arguments: endpoints, the folder of the runs, the dump, and options
// of `loadInto` as JSON. What came of it is a line of JSON.
const [endpoints, runsDir, file, options] = process.argv.slice(2).map((argument) => JSON.parse(argument)) as [
  string[],
  string,
  string,
  LoadIntoOptions,
];
const { ending, keys, resumedAfter } = await loadInto({ endpoints }, runsDir, file, options);
process.stdout.write(`${JSON.stringify({ ending, keys, resumedAfter })}\n`);
