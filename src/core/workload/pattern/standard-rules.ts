/** The sets that rules stand for, unless the user says otherwise: each value is a child. */
export const SETS: Readonly<Record<string, readonly string[]>> = {
  actual_desired: ['actual', 'desired'],
  region: ['us-south', 'us-east', 'eu-de', 'eu-gb', 'jp-tok', 'au-syd'],
  state: [
    'unprovisioned',
    'pending',
    'provisioning',
    'provisioned',
    'deploying',
    'deployed',
    'updating',
    'deleting',
    'deleted',
  ],
};

/** Rules that stand for a random id of 40 hex digits. */
export const ID_RULES: readonly string[] = ['clusterid', 'masterid', 'workerid'];
export const ID_DIGITS = 40;

/** The rule that stands for the address of this machine or pod. */
export const IP_RULE = 'ip';
