import { driveWorkload } from './drive-workload.ts';

// A driver in a process of its own, for what only a process has: an end by kill -9, limits. Arguments: workload and options
// of `driveWorkload` as JSON. What it reports is a line of JSON.
const [workload, options] = process.argv.slice(2).map((argument) => JSON.parse(argument));
const { report, told } = driveWorkload(workload, options);
const { csv, unwritten, steady } = await report;
process.stdout.write(`${JSON.stringify({ csv, unwritten, steady: steady?.counters, infos: told.infos })}\n`);
