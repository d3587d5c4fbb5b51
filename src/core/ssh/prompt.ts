/** How a person is asked. Absent where there is nobody to ask. */
export interface Prompt {
  /** A yes-or-no question. */
  confirm(question: string): Promise<boolean>;
  /** Asks for a secret without showing it. */
  secret(question: string): Promise<string>;
}
