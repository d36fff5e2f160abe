import { describe } from '../api/errors';
import type { UploadItem } from './item';
import { Timer, type Line } from './line';

/** A ticket is renewed when less than this is left of it (ms), or a fifth of a short life. */
const MARGIN = 15_000;

export function needsRenewal(item: UploadItem, now: number): boolean {
  if (item.ticket === null) return true;
  const expires = Date.parse(item.ticket.expires);
  return expires - now < Math.min(MARGIN, (expires - item.ticketed) / 5);
}

/** Fresh tickets, many in one request, asked for only when a file at the head of the line is about to need one. */
export class Tickets {
  #busy = false;
  #attempt = 0;
  readonly #wait: Timer;

  constructor(private readonly line: Line) {
    this.#wait = new Timer(line);
  }

  hasten(): void {
    this.#wait.clear();
  }

  pump(): void {
    const { line } = this;
    if (this.#busy || this.#wait.pending || line.pause !== null) return;
    const now = line.now();
    const queued = line.items.filter((item) => item.state === 'queued');
    const head = queued.slice(0, line.settings.connections * 2);
    if (!head.some((item) => needsRenewal(item, now))) return;
    const stale = queued.filter((item) => needsRenewal(item, now)).slice(0, line.settings.batch);
    this.#busy = true;
    void this.#renew(stale).finally(() => {
      this.#busy = false;
      line.kick();
    });
  }

  async #renew(items: UploadItem[]): Promise<void> {
    const { line } = this;
    const byId = new Map(items.map((item) => [item.id ?? '', item]));
    try {
      const answers = await line.ports.api.renewTickets([...byId.keys()]);
      this.#attempt = 0;
      line.recovered();
      for (const answer of answers) {
        const item = byId.get(answer.id);
        if (item?.state !== 'queued') continue;
        if (answer.state === 'pending' && answer.ticket) {
          item.ticket = answer.ticket;
          item.ticketed = line.now();
        } else {
          line.repost(item);
        }
      }
    } catch (error) {
      const delay = line.setback(error, ++this.#attempt);
      if (delay !== null) {
        this.#wait.set(delay, line.kick);
      } else if (line.pause === null) {
        for (const item of items) line.set(item, 'failed', { code: 'refused', detail: describe(error) });
      }
    }
  }
}
