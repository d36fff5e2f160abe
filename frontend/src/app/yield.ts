/** What only some browsers have. */
interface Scheduler {
  yield?(): Promise<void>;
}

/** Lets the browser paint, and answer to whoever uses the page, before a long piece of work goes on. */
export async function yieldToBrowser(): Promise<void> {
  const { scheduler } = globalThis as { scheduler?: Scheduler };
  await (scheduler?.yield?.() ?? new Promise((resolve) => setTimeout(resolve)));
}

/** Ms after which a tab that paints nothing, as nobody sees it, goes on all the same. */
const PAINT_LIMIT = 100;

/** Lets the browser show what has changed before more changes: its own order may put a painting after all of them. */
export async function waitForPaint(): Promise<void> {
  await new Promise<void>((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, PAINT_LIMIT);
  });
}
