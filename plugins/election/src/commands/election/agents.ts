import { BaseCommand, Flags, findInventory, runsDirFlag, startRun } from '@etcdperf/core/cli';
import { agentFlags } from '../../flags/agent-flags.ts';
import { processDurationFlag } from '../../flags/candidate-flags.ts';
import { atMost, siteFlags } from '../../flags/election-flags.ts';
import { siteQuestion } from '../../flags/site-question.ts';
import { renderAgents } from '../../render/render-start.ts';
import type { AgentsResult } from '../../services/start-agents.ts';

export default class ElectionAgents extends BaseCommand {
  static override summary = 'start agents that follow the master';
  static override description =
    "Starts agents on every host of the group 'agents' (without an inventory: on this machine), thousands in one " +
    'process, and returns when all have recorded the current round. They run until election:stop, --duration, or a ' +
    'signal. Ctrl-C while they start ends them again; what they told is kept in the run folder.';

  static override examples = [
    '<%= config.bin %> <%= command.id %> --count 1000',
    '<%= config.bin %> <%= command.id %> --count 5000 --connections shared:16 --duration 10m',
  ];

  static override flags = {
    ...siteFlags,
    count: Flags.integer({ description: 'how many agents on each host', default: 1000, min: 1, max: atMost }),
    ...agentFlags,
    ...processDurationFlag,
    ...runsDirFlag,
  };

  async run(): Promise<AgentsResult> {
    const { flags } = await this.parse(ElectionAgents);
    const [{ openSite }, { startAgents }, { keepRun }] = await Promise.all([
      import('../../services/open-site.ts'),
      import('../../services/start-agents.ts'),
      import('../../services/keep-run.ts'),
    ]);
    const { signal, progress } = this;
    const inventory = await findInventory(flags);
    await using site = await openSite(await siteQuestion(flags, inventory, signal), {
      masters: 'none',
      agents: 'needed',
    });
    const options = {
      count: flags.count,
      connections: flags.connections,
      jitterMs: flags.jitter,
      durationMs: flags.duration,
      timeoutMs: flags.timeout,
    };
    const run = await startRun('election:agents', this.config.version, flags, inventory);
    const result = await keepRun(run, () => startAgents(site, options, { run, progress, signal }));
    this.print(renderAgents(result));
    return result;
  }
}
