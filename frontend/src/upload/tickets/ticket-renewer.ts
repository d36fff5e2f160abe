import type { TicketAnswer } from '../../api/types';
import { createReason } from '../../app/reasons';
import type { UploadContext } from '../stage/context.svelte';
import type { UploadItem } from '../file/item.svelte';
import { RequestSlot } from '../stage/request-slot';
import { awaitOutcome, fail, renewTicket } from '../file/state';
import { getUsableTicket } from '../file/usable-ticket';

/** Renews the tickets of queued files, many with one request, once a file that is sent soon needs a new one. */
export class TicketRenewer {
  readonly #slot: RequestSlot;

  constructor(private readonly context: UploadContext) {
    this.#slot = new RequestSlot(context);
  }

  skipDelay(): void {
    this.#slot.skipDelay();
  }

  startDueWork(): void {
    if (!this.#slot.isFree || this.context.isHalted) return;
    const { connections, batchSize } = this.context.settings;
    const now = this.context.now();
    const queued = this.context
      .list('queued')
      .flatMap((item) =>
        item.state.name === 'queued'
          ? [{ item, id: item.state.id, isStale: getUsableTicket(item.state, now) === null }]
          : [],
      );
    if (!queued.slice(0, connections * 2).some(({ isStale }) => isStale)) return;
    const stale = queued.filter(({ isStale }) => isStale).slice(0, batchSize);
    void this.#renew(new Map(stale.map(({ item, id }) => [id, item])));
  }

  #renew(items: ReadonlyMap<string, UploadItem>): Promise<void> {
    return this.#slot.run(
      async () => {
        const { owner } = this.context;
        const answers = await this.context.ports.api.renewTickets([...items.keys()]);
        if (this.context.owner !== owner) return;
        for (const answer of answers) this.#handleAnswer(items.get(answer.id), answer);
      },
      (response, error) => {
        if (response.kind !== 'refuse') return;
        const reason = createReason('request-refused', error);
        for (const item of items.values()) item.update('queued', (state) => fail(state, reason));
      },
    );
  }

  #handleAnswer(item: UploadItem | undefined, { id, state, ticket }: TicketAnswer): void {
    item?.update('queued', (queued) => {
      if (queued.id !== id) return queued;
      return state === 'pending' && ticket
        ? renewTicket(queued, { ticket, issuedAt: this.context.now() })
        : awaitOutcome(queued);
    });
  }
}
