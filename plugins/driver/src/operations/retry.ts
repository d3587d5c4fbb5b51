/** A put that did not succeed is made again after so long: its member has a moment to come back. */
export const RETRY_MS = 250;
