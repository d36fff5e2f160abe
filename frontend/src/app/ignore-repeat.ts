/**
 * For a button whose place, or whose focus, another one takes: a key that is held down presses one button alone. The browser
 * would click again at each repetition.
 */
export function ignoreRepeat(event: KeyboardEvent): void {
  if (event.repeat && event.key === 'Enter') event.preventDefault();
}
