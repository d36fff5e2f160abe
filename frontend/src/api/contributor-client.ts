import { Client, type ClientOptions, type RequestOptions } from './client';
import { NetworkError } from './errors';
import { buildQueryString } from './query';
import type {
  CancelAnswer,
  DeletionAnswer,
  DuplicatesPage,
  EditAnswer,
  EditRequest,
  Image,
  ImageChanges,
  LogPage,
  OriginalLink,
  RestorationAnswer,
  SharedMetadata,
  TakedownAnswer,
  TakedownPage,
  TakedownRequest,
  TicketAnswer,
  Upload,
  UploadAnswer,
  UploadFile,
  UploadFilter,
  UploadPage,
} from './types';

export interface ContributorOptions extends ClientOptions {
  /** Who the token is of; absent where it is always the token of one person. */
  getOwner?: () => string | null;
}

/**
 * The HTTP API for those who are signed in. Visitors never load it. Three methods have other names than their operations:
 * `editImages` (`editMany`), `listUploadsById` (`listUploads`) and `reloadImage` (`getImage`).
 */
export class ContributorClient extends Client {
  readonly #getOwner: () => string | null;

  constructor(options: ContributorOptions) {
    super(options);
    this.#getOwner = options.getOwner ?? (() => null);
  }

  /** A request that was refused and is repeated with a newer token is not made in the name of somebody else. */
  protected override request(path: string, options: RequestOptions): Promise<Response> {
    const owner = this.#getOwner();
    if (options.owner != null && options.owner !== owner) return Promise.reject(new NetworkError());
    return super.request(path, { ...options, owner });
  }

  /** One answer per file, in the order of the files. */
  async createUploads(files: UploadFile[], shared: SharedMetadata): Promise<UploadAnswer[]> {
    const answer = await this.fetchJson<{ files: UploadAnswer[] }>('/api/uploads', {
      method: 'POST',
      body: { files, shared },
      auth: 'required',
    });
    return answer.files;
  }

  async renewTickets(ids: string[]): Promise<TicketAnswer[]> {
    const answer = await this.fetchJson<{ files: TicketAnswer[] }>('/api/uploads/tickets', {
      method: 'POST',
      body: { ids },
      auth: 'required',
    });
    return answer.files;
  }

  /** One page of the contributor's uploads, newest first unless the filter says otherwise; of those that expire soon, the soonest first. */
  listUploads(
    cursor: string | null,
    signal?: AbortSignal,
    limit?: number,
    filter: UploadFilter = {},
  ): Promise<UploadPage> {
    const path = `/api/uploads${buildQueryString({ ...filter, cursor, limit })}`;
    return this.fetchJson(path, { auth: 'required', signal });
  }

  /** The uploads with these ids; ids that the API has no row for are missing from the answer. */
  async listUploadsById(ids: string[]): Promise<Upload[]> {
    const path = `/api/uploads${buildQueryString({ ids: ids.join(',') })}`;
    return (await this.fetchJson<UploadPage>(path, { auth: 'required' })).uploads;
  }

  /** One answer for each of up to 500 uploads, in order. */
  async cancelUploads(ids: string[]): Promise<CancelAnswer[]> {
    const answer = await this.fetchJson<{ files: CancelAnswer[] }>('/api/uploads/cancel', {
      method: 'POST',
      body: { ids },
      auth: 'required',
    });
    return answer.files;
  }

  async cancelUpload(id: string): Promise<void> {
    await this.request(`/api/uploads/${encodeURIComponent(id)}`, { method: 'DELETE', auth: 'required' });
  }

  /** Rejects with the status 412 when the picture has another revision by now. */
  editImage(id: string, changes: ImageChanges, revision: number): Promise<Image> {
    return this.fetchJson(`/api/images/${encodeURIComponent(id)}`, {
      method: 'PATCH',
      body: changes,
      headers: { 'If-Match': `"${revision}"` },
      auth: 'required',
    });
  }

  /** One answer per picture, in the order of the ids. */
  async editImages(edit: EditRequest): Promise<EditAnswer[]> {
    return (await this.#postImages<EditAnswer>('/api/images/edit', edit)).images;
  }

  async deleteImages(ids: string[]): Promise<DeletionAnswer[]> {
    return (await this.#postImages<DeletionAnswer>('/api/images/delete', { ids })).images;
  }

  async restoreImages(ids: string[]): Promise<RestorationAnswer[]> {
    return (await this.#postImages<RestorationAnswer>('/api/images/restore', { ids })).images;
  }

  /** Duplicates among the contributor's pictures. A page may have none while another one follows. */
  listDuplicates(cursor: string | null, limit: number, signal?: AbortSignal): Promise<DuplicatesPage> {
    return this.fetchJson(`/api/duplicates${buildQueryString({ cursor, limit })}`, {
      auth: 'required',
      signal,
    });
  }

  /** One answer per picture, and one for each other picture of the same content that has gone with them. */
  async takeDownImages(takedown: TakedownRequest): Promise<TakedownAnswer[]> {
    return (await this.#postImages<TakedownAnswer>('/api/images/takedown', takedown)).images;
  }

  listTakedowns(cursor: string | null, signal?: AbortSignal): Promise<TakedownPage> {
    return this.fetchJson(`/api/takedowns${buildQueryString({ cursor })}`, { auth: 'required', signal });
  }

  async liftTakedown(sha256: string): Promise<void> {
    await this.request(`/api/takedowns/${encodeURIComponent(sha256)}`, {
      method: 'DELETE',
      auth: 'required',
    });
  }

  /** What was done with pictures, the newest first. A page may have no entry while another one follows. */
  readLog(
    cursor: string | null,
    { image, by, action }: { image: string; by: string; action: string },
    signal?: AbortSignal,
  ): Promise<LogPage> {
    const path = `/api/log${buildQueryString({ cursor, image, by, action, limit: 100 })}`;
    return this.fetchJson(path, { auth: 'required', signal });
  }

  /** A link to download the original, for a short while; with the picture's details written into the file, or as it is. */
  getOriginal(id: string, hasMetadata: boolean): Promise<OriginalLink> {
    const path = `/api/images/${encodeURIComponent(id)}/original${buildQueryString({ metadata: hasMetadata ? 1 : null })}`;
    return this.fetchJson(path, { auth: 'required' });
  }

  /** The picture past the browser's cache. The CDN's may still have an answer of the last minute. */
  reloadImage(id: string): Promise<Image> {
    return this.fetchJson(`/api/images/${encodeURIComponent(id)}`, { auth: 'on-demand', cache: 'reload' });
  }

  #postImages<Answer>(path: string, body: unknown): Promise<{ images: Answer[] }> {
    return this.fetchJson(path, { method: 'POST', body, auth: 'required' });
  }
}
