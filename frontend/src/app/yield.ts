/** What only some browsers have. */
interface Scheduler {
  yield?(): Promise<void>;
}

/** Lets the browser paint, and answer to whoever uses the page, before a long piece of work goes on. */
export async function yieldToBrowser(): Promise<void> {
  const { scheduler } = globalThis as { scheduler?: Scheduler };
  await (scheduler?.yield?.() ?? new Promise((resolve) => setTimeout(resolve)));
}
