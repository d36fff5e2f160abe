/** Rows of files that are given up. */
export interface Rows {
  readonly ids: readonly string[];
  /** Whether there certainly are no others. */
  readonly areAll: boolean;
}
