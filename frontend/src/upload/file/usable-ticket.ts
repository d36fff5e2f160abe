import type { IssuedTicket, Queued } from './state';

/** A ticket is renewed when less than this is left of its life (ms), or less than a fifth of a short life. */
const MARGIN = 15_000;

/** The ticket of a queued file if it will last until the file is sent, else null. `now` is server time (ms). */
export function getUsableTicket({ issued }: Queued, now: number): IssuedTicket | null {
  if (issued === null) return null;
  const expires = Date.parse(issued.ticket.expires);
  return expires - now < Math.min(MARGIN, (expires - issued.issuedAt) / 5) ? null : issued;
}
