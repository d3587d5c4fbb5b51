import type { LoadScenario } from './load-scenario.ts';

/** A thread's scenario, and the numbers of its steps. */
export class ScenarioFeed {
  readonly scenario: LoadScenario;
  /** Ends the steps that are still going on. */
  readonly ending = new AbortController();
  #sequence = 0;

  constructor(scenario: LoadScenario) {
    this.scenario = scenario;
  }

  takeSequence(): number {
    this.#sequence += 1;
    return this.#sequence - 1;
  }
}
