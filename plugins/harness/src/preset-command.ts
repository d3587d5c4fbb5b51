import { Args, BaseCommand, dryRunFlag } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import { PRESETS, presetWords } from './services/preset-words.ts';

/** Runs a command of another plugin, which does all the work, with what it is usually asked. */
export abstract class PresetCommand extends BaseCommand {
  static override readonly usesFramework = true;
  /** The flags are the other command's. */
  static override strict = false;

  static override args = {
    cluster: Args.string({ description: "the cluster's name; needless where there is only one" }),
  };

  static override flags = dryRunFlag;

  protected abstract readonly preset: keyof typeof PRESETS;

  #isHandedOver = false;

  async run(): Promise<unknown> {
    const preset = PRESETS[this.preset];
    const { command, plugin } = preset;
    const { words, isDryRun } = presetWords(preset, this.argv);
    if (this.config.findCommand(command) === undefined)
      throw new InputError(`${this.id} runs ${command}, which the plugin ${plugin} has; it is not installed`, {
        hint: `install it: ${this.config.bin} plugins install ${plugin}`,
      });
    if (isDryRun) {
      const { quoteArgv } = await import('@etcdperf/core/ssh');
      const shown = words.filter((word) => word !== '--json');
      this.print(`${this.config.bin} ${command} ${quoteArgv(shown)}`);
      return { command, words: shown };
    }
    this.#isHandedOver = true;
    return this.config.runCommand(command, [...words]);
  }

  /** The other command prints its own result, as text or as JSON. */
  override jsonEnabled(): boolean {
    return !this.#isHandedOver && super.jsonEnabled();
  }

  /** It has told what is wrong, too. */
  protected override async catch(error: Error & { skipOclifErrorHandling?: boolean }): Promise<never> {
    if (error.skipOclifErrorHandling === true) throw error;
    return super.catch(error);
  }
}
