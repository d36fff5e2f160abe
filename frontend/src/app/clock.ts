/** The server's clock as well as it is known: tickets expire by it, whatever the local clock says. */
let skew = 0;

export function noteServerTime(serverMs: number): void {
  skew = serverMs - Date.now();
}

export function serverNow(): number {
  return Date.now() + skew;
}
