/**
 * Handles a click, but not the second one of a double click: for a button in whose place another one has stood until the first
 * click, such as “Discard” in that of “Stop”.
 */
export function onFirstClick(act: () => unknown): (event: MouseEvent) => void {
  return ({ detail }) => {
    if (detail < 2) void act();
  };
}
