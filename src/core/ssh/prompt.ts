/** How a person is asked. Absent where there is nobody to ask. An aborted `signal` takes the question back. */
export interface Prompt {
  /** A yes-or-no question. */
  confirm(question: string, signal?: AbortSignal): Promise<boolean>;
  /** Asks for a secret without showing it. */
  secret(question: string, signal?: AbortSignal): Promise<string>;
}
