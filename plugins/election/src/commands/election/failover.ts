import { BaseCommand, Flags, findInventory, runsDirFlag, startRun } from '@etcdperf/core/cli';
import { agentFlags } from '../../flags/agent-flags.ts';
import { candidateFlags } from '../../flags/candidate-flags.ts';
import { candidatesOptions } from '../../flags/candidates-options.ts';
import { siteFlags } from '../../flags/election-flags.ts';
import { localAgents, localFlags, wantsLocalForm } from '../../flags/local-form.ts';
import { siteQuestion } from '../../flags/site-question.ts';
import { renderFailover, renderRoundLine } from '../../render/render-failover.ts';
import type { FailoverResult } from '../../services/failover-result.ts';
import type { FailoverOptions } from '../../services/run-failover.ts';

export default class ElectionFailover extends BaseCommand {
  static override summary = 'kill the master, time it, every agent, round after round';
  static override description =
    'Kills the master with SIGKILL on its host and waits until the next one is elected and every agent has recorded ' +
    'it; then the next round. A killed candidate is started anew after its round, so that all rounds have the same ' +
    'number (--no-restart leaves it dead).\n\n' +
    'With an inventory it works on the candidates and agents that run (election:masters, election:agents), and leaves ' +
    'them running. Without one, or with --candidates or --agents, it holds the whole experiment on this machine: an ' +
    'etcd of three members, candidates and agents, all gone afterwards.';

  static override examples = [
    { description: 'five rounds on the inventory’s hosts', command: '<%= config.bin %> <%= command.id %> --rounds 5' },
    {
      description: 'the whole experiment on this machine alone',
      command: '<%= config.bin %> <%= command.id %> --candidates 3 --agents 1000',
    },
    { description: 'for a script', command: '<%= config.bin %> <%= command.id %> --rounds 3 --json' },
  ];

  static override flags = {
    ...siteFlags,
    rounds: Flags.integer({ description: 'how many masters are killed', default: 5, min: 1, max: 10_000 }),
    restart: Flags.boolean({
      description: 'start a killed candidate anew after its round',
      default: true,
      allowNo: true,
    }),
    ...localFlags,
    ...candidateFlags,
    ...agentFlags,
    ...runsDirFlag,
  };

  async run(): Promise<FailoverResult> {
    const { flags } = await this.parse(ElectionFailover);
    const candidates = await candidatesOptions(flags, flags.candidates ?? 3);
    const inventory = wantsLocalForm(flags) ? undefined : await findInventory(flags);
    const [{ openSite }, { runFailover }, { localFailover }, { keepRun }] = await Promise.all([
      import('../../services/open-site.ts'),
      import('../../services/run-failover.ts'),
      import('../../services/local-failover.ts'),
      import('../../services/keep-run.ts'),
    ]);
    const { progress, signal } = this;
    const isLocal = inventory === undefined && flags.endpoints === undefined;
    const question = await siteQuestion(flags, inventory, signal);
    await using site = isLocal ? undefined : await openSite(question, { masters: 'needed', agents: 'if any' });
    const run = await startRun('election:failover', this.config.version, flags, inventory);
    const context = { run, progress, signal };
    const failover: FailoverOptions = {
      rounds: flags.rounds,
      timeoutMs: flags.timeout,
      restart: flags.restart,
      onRound: (round) => progress.info(renderRoundLine(round)),
    };
    const result = await keepRun(run, () => {
      if (site !== undefined) return runFailover(site, failover, context);
      const init = { keys: flags.keys, valueBytes: 1024 };
      return localFailover({ init, candidates, agents: localAgents(flags), failover }, context);
    });
    this.print(renderFailover(result));
    if (result.rounds.some((round) => round.to === null || round.missed > 0)) this.endWith(1);
    return result;
  }
}
