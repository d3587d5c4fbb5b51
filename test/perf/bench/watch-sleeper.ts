import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** Naps of 1 ms in a process of its own, until its input ends; prints by how much 99 of 100 were too long, at most. */
const SLEEPER = `
const cell = new Int32Array(new SharedArrayBuffer(4));
const late = [];
process.stdin.on('end', () => {
  clearInterval(timer);
  late.sort((a, b) => a - b);
  console.log(late[Math.floor(late.length * 0.99)]);
}).resume();
const timer = setInterval(() => {
  for (let nap = 0; nap < 50; nap += 1) {
    const before = performance.now();
    Atomics.wait(cell, 0, 0, 1);
    late.push(performance.now() - before - 1);
  }
}, 1);`;

/**
 * Does the work, and tells how late this machine wakes one who sleeps meanwhile: no generator that sleeps can be more
 * punctual. In ms.
 */
export async function watchSleeper<Result>(
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly p99Ms: number }> {
  const sleeper = spawn(process.execPath, ['-e', SLEEPER], { stdio: ['pipe', 'pipe', 'inherit'] });
  const said = text(sleeper.stdout);
  try {
    const result = await work();
    sleeper.stdin.end();
    return { result, p99Ms: Number(await said) };
  } finally {
    sleeper.kill();
  }
}
