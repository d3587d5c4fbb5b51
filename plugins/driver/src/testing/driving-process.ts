import { setTimeout as sleep } from 'node:timers/promises';
import { WireClient } from '@etcdperf/core/wire';
import { controlOf } from './control-of.ts';

// A process that drives: registers, takes up what is there, writes key after key and saves how far it is, until the end key
// is written; each value is the number of its write. Argument: endpoints and options of `controlOf` as JSON. Says what it
// does in lines of JSON.
const { endpoints, ...options } = JSON.parse(process.argv[2]!);
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

await using driver = await controlOf({ endpoints }, options);
const { control, told } = driver;
const { space } = control;
const { size } = space;
await control.register();
await using client = await WireClient.connect({ endpoints });
let { loaded, nextWrite } = control.resumed ?? { loaded: 0, nextWrite: 0 };
say({ registered: control.name, resumed: control.resumed, steps: told.steps, loaded, nextWrite });
let puts = 0;
const progress = () => ({
  phase: loaded < size ? ('load' as const) : ('steady' as const),
  loaded,
  nextWrite,
  counters: { puts },
});
while (!control.ended.aborted) {
  const key = loaded < size ? loaded : nextWrite % size;
  const bytes = Buffer.alloc(space.maxKeyBytes);
  const keyEnd = space.writeKey(bytes, 0, key);
  const value = String(nextWrite);
  nextWrite += 1;
  await client.put(bytes.subarray(0, keyEnd), value);
  puts += 1;
  loaded = Math.max(loaded, Math.min(key + 1, size));
  control.save(progress());
  if (puts % 100 === 0) say({ ...progress(), totals: control.totals({ puts }) });
  await sleep(1);
}
say({ confirmed: await control.confirm(progress(), 'end key'), ...progress(), totals: control.totals({ puts }) });
