import { setTimeout as sleep } from 'node:timers/promises';
import { InputError, OperationError } from '../errors/index.ts';
import { enterNetwork, findLabProcesses, killPid } from './lab-processes.ts';
import { runTool, runToolChecked, type ToolResult } from './run-tool.ts';
import { skewHost } from './skew.ts';
import { startHost } from './start-scripts.ts';
import { until } from './until.ts';

/** One host of a lab. */
export class LabHost {
  readonly name: string;
  readonly address: string;
  private readonly dir: string;
  private readonly index: number;
  private readonly isNode: boolean;

  /** `isNode`: of a Kubernetes. */
  constructor(dir: string, index: number, host: { readonly name: string; readonly address: string }, isNode = false) {
    this.isNode = isNode;
    this.dir = dir;
    this.index = index;
    this.name = host.name;
    this.address = host.address;
  }

  /** Pid of the host's PID 1 in this machine's numbering; undefined while the host is off. */
  async pid(): Promise<number | undefined> {
    return (await findLabProcesses(this.dir)).hostPids.get(this.name);
  }

  /** Pulls the cable: nothing goes in or out, connections stay open and silent. */
  async cut(): Promise<void> {
    await this.setLink('down');
  }

  async heal(): Promise<void> {
    await this.setLink('up');
  }

  /** Cuts the link for a time; it is healed also when the wait is interrupted. */
  async cutFor(ms: number, signal?: AbortSignal): Promise<void> {
    await this.cut();
    try {
      await sleep(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      throw signal?.reason ?? error;
    } finally {
      await this.heal();
    }
  }

  /**
   * Makes the wall clock look wrong by this much (0 makes it right again) to every process that starts from now on,
   * and to a chronyd that runs, which is restarted. The machine's own clock is never touched.
   */
  async skew(offsetMs: number): Promise<void> {
    if (this.isNode) {
      throw new InputError('a node of Kubernetes keeps the right time: its programs are static', { where: this.name });
    }
    await this.running();
    await skewHost(this, offsetMs);
  }

  /** A power cut: every process dies at once, the disk stays. */
  async kill(): Promise<void> {
    const pid = await this.pid();
    if (pid === undefined) return;
    killPid(pid);
    const gone = await until(async () => (await this.pid()) === undefined, 10_000);
    if (!gone) throw new OperationError(`pid ${pid} did not end`, { where: this.name });
  }

  /** Power back on: boots with the disk as it was left. A host that runs is left alone. */
  async start(signal: AbortSignal = new AbortController().signal): Promise<void> {
    const { switchPid, hostPids } = await findLabProcesses(this.dir);
    if (switchPid === undefined) throw new OperationError('the lab is down', { where: this.name, hint: 'lab:up' });
    if (hostPids.has(this.name)) return;
    await startHost(this.dir, switchPid, { index: this.index, name: this.name }, signal);
  }

  /** Runs a program on the host as root, not over SSH: works while the link is cut. */
  async exec(argv: readonly string[], options: { readonly stdin?: string } = {}): Promise<ToolResult> {
    return runTool([...(await this.enter()), ...argv], options);
  }

  /** Writes a small file on the host, not over SSH. */
  async write(path: string, text: string): Promise<void> {
    const result = await this.exec(['sh', '-c', 'cat >"$1"', 'sh', path], { stdin: text });
    if (result.code !== 0) throw new OperationError(`${path}: ${result.stderr.trim()}`, { where: this.name });
  }

  private async enter(): Promise<string[]> {
    const pid = await this.running();
    const drop = '-sys_time,-wake_alarm,-sys_module,-sys_rawio';
    return [
      ...['nsenter', '--target', String(pid), '--mount', '--uts', '--ipc', '--net', '--pid', '--'],
      ...['env', '-i', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root'],
      ...['FAKETIME_DONT_FAKE_MONOTONIC=1', 'FAKETIME_CACHE_DURATION=1', 'LANG=C.UTF-8'],
      ...['setpriv', `--bounding-set=${drop}`, `--inh-caps=${drop}`, '--'],
    ];
  }

  private async running(): Promise<number> {
    const pid = await this.pid();
    if (pid === undefined)
      throw new OperationError('the host is off', { where: this.name, hint: 'lab:start turns it on' });
    return pid;
  }

  private async setLink(state: 'up' | 'down'): Promise<void> {
    await this.running();
    const { switchPid } = await findLabProcesses(this.dir);
    if (switchPid === undefined) throw new OperationError('the lab is down', { where: this.name });
    await runToolChecked([...enterNetwork(switchPid), 'ip', 'link', 'set', `p${this.index}`, state]);
  }
}
