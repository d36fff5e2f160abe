/** Whether the page is read from right to left. */
export function isRightToLeft(): boolean {
  return document.documentElement.dir === 'rtl';
}

const MIRRORED: Readonly<Record<string, string>> = { ArrowLeft: 'ArrowRight', ArrowRight: 'ArrowLeft' };

/** The key that leads on, or back, as this one does where people read from left to right. */
export function toReadingOrder(key: string): string {
  return (isRightToLeft() && MIRRORED[key]) || key;
}
