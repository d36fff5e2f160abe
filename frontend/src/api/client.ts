import { ApiError, NetworkError, isAbort, parseRetryAfter } from './errors';
import { buildQueryString, type QueryValue } from './query';
import type {
  EditRequest,
  Config,
  Contributor,
  DeletionAnswer,
  DuplicatesPage,
  EditAnswer,
  Image,
  ImageChanges,
  ImagePage,
  ImageQuery,
  LogPage,
  OriginalLink,
  Problem,
  RestorationAnswer,
  SharedMetadata,
  SimilarImage,
  TagCount,
  TakedownAnswer,
  TakedownPage,
  TakedownRequest,
  TicketAnswer,
  Upload,
  UploadAnswer,
  UploadFile,
  UploadFilter,
  UploadPage,
  WordCount,
} from './types';

export interface ClientOptions {
  fetch: typeof globalThis.fetch;
  /** The bearer token, or null when nobody is signed in. */
  getToken: () => string | null;
  /** Called with the server's clock (ms) for each answer that no cache can have stored. */
  onServerTime?: (serverMs: number) => void;
}

interface RequestOptions {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  /** `on-demand`: the token is sent once the API has answered 401 without it. */
  auth: 'required' | 'on-demand';
  cache?: RequestCache;
  signal?: AbortSignal | undefined;
}

/**
 * The HTTP API, typed; each method has the name of its operation in the OpenAPI document.
 * Every method rejects with ApiError, NetworkError or an AbortError.
 */
export class Client {
  /** Reads are public and cacheable, so they carry no token until a private library answers 401. */
  #readsNeedToken = false;

  constructor(private readonly options: ClientOptions) {}

  getConfig(signal?: AbortSignal): Promise<Config> {
    return this.#fetchJson('/api/config', { auth: 'on-demand', signal });
  }

  searchImages(query: ImageQuery, signal?: AbortSignal): Promise<ImagePage> {
    const queryString = buildQueryString(query as Record<string, QueryValue>);
    return this.#fetchJson(`/api/images${queryString}`, { auth: 'on-demand', signal });
  }

  getImage(id: string, signal?: AbortSignal): Promise<Image> {
    return this.#fetchJson(`/api/images/${encodeURIComponent(id)}`, { auth: 'on-demand', signal });
  }

  /** The picture past the browser's cache. The CDN's may still have an answer of the last minute. */
  reloadImage(id: string): Promise<Image> {
    return this.#fetchJson(`/api/images/${encodeURIComponent(id)}`, { auth: 'on-demand', cache: 'reload' });
  }

  /** Pictures that are similar to one, the most similar first. */
  async listSimilar(id: string, limit: number, signal?: AbortSignal): Promise<SimilarImage[]> {
    const path = `/api/images/${encodeURIComponent(id)}/similar${buildQueryString({ limit })}`;
    return (await this.#fetchJson<{ images: SimilarImage[] }>(path, { auth: 'on-demand', signal })).images;
  }

  async listTags(prefix: string, limit: number, signal?: AbortSignal): Promise<TagCount[]> {
    const path = `/api/tags${buildQueryString({ prefix, limit })}`;
    return (await this.#fetchJson<{ tags: TagCount[] }>(path, { auth: 'on-demand', signal })).tags;
  }

  async listWords(prefix: string, limit: number, signal?: AbortSignal): Promise<WordCount[]> {
    const path = `/api/words${buildQueryString({ prefix, limit })}`;
    return (await this.#fetchJson<{ words: WordCount[] }>(path, { auth: 'on-demand', signal })).words;
  }

  async listContributors(prefix: string, limit: number, signal?: AbortSignal): Promise<Contributor[]> {
    const path = `/api/contributors${buildQueryString({ prefix, limit })}`;
    const answer = await this.#fetchJson<{ contributors: Contributor[] }>(path, {
      auth: 'on-demand',
      signal,
    });
    return answer.contributors;
  }

  /** Rejects with the status 404 when nobody with this id has pictures that everybody sees. */
  getContributor(id: string, signal?: AbortSignal): Promise<Contributor> {
    return this.#fetchJson(`/api/contributors/${encodeURIComponent(id)}`, { auth: 'on-demand', signal });
  }

  /** One answer per file, in the order of the files. */
  async createUploads(files: UploadFile[], shared: SharedMetadata): Promise<UploadAnswer[]> {
    const answer = await this.#fetchJson<{ files: UploadAnswer[] }>('/api/uploads', {
      method: 'POST',
      body: { files, shared },
      auth: 'required',
    });
    return answer.files;
  }

  async renewTickets(ids: string[]): Promise<TicketAnswer[]> {
    const answer = await this.#fetchJson<{ files: TicketAnswer[] }>('/api/uploads/tickets', {
      method: 'POST',
      body: { ids },
      auth: 'required',
    });
    return answer.files;
  }

  /** One page of the contributor's uploads, newest first; or of those that expire soon, the soonest first. */
  listUploads(
    cursor: string | null,
    signal?: AbortSignal,
    limit?: number,
    filter: UploadFilter = {},
  ): Promise<UploadPage> {
    const path = `/api/uploads${buildQueryString({ ...filter, cursor, limit })}`;
    return this.#fetchJson(path, { auth: 'required', signal });
  }

  /** The uploads with these ids; ids that the API has no row for are missing from the answer. */
  async listUploadsById(ids: string[]): Promise<Upload[]> {
    const path = `/api/uploads${buildQueryString({ ids: ids.join(',') })}`;
    return (await this.#fetchJson<UploadPage>(path, { auth: 'required' })).uploads;
  }

  async cancelUpload(id: string): Promise<void> {
    await this.#request(`/api/uploads/${encodeURIComponent(id)}`, { method: 'DELETE', auth: 'required' });
  }

  /** Rejects with the status 412 when the picture has another revision by now. */
  editImage(id: string, changes: ImageChanges, revision: number): Promise<Image> {
    return this.#fetchJson(`/api/images/${encodeURIComponent(id)}`, {
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
    return this.#fetchJson(`/api/duplicates${buildQueryString({ cursor, limit })}`, {
      auth: 'required',
      signal,
    });
  }

  /** One answer per picture, and one for each other picture of the same content that has gone with them. */
  async takeDownImages(takedown: TakedownRequest): Promise<TakedownAnswer[]> {
    return (await this.#postImages<TakedownAnswer>('/api/images/takedown', takedown)).images;
  }

  listTakedowns(cursor: string | null, signal?: AbortSignal): Promise<TakedownPage> {
    return this.#fetchJson(`/api/takedowns${buildQueryString({ cursor })}`, { auth: 'required', signal });
  }

  async liftTakedown(sha256: string): Promise<void> {
    await this.#request(`/api/takedowns/${encodeURIComponent(sha256)}`, {
      method: 'DELETE',
      auth: 'required',
    });
  }

  /** What was done with pictures, or with one of them, the newest first. */
  readLog(cursor: string | null, image: string | null, signal?: AbortSignal): Promise<LogPage> {
    const path = `/api/log${buildQueryString({ cursor, image, limit: 100 })}`;
    return this.#fetchJson(path, { auth: 'required', signal });
  }

  /** A link to download the original, for a short while; with the picture's details written into the file, or as it is. */
  getOriginal(id: string, hasMetadata: boolean): Promise<OriginalLink> {
    const path = `/api/images/${encodeURIComponent(id)}/original${buildQueryString({ metadata: hasMetadata ? 1 : null })}`;
    return this.#fetchJson(path, { auth: 'required' });
  }

  #postImages<Answer>(path: string, body: unknown): Promise<{ images: Answer[] }> {
    return this.#fetchJson(path, { method: 'POST', body, auth: 'required' });
  }

  async #fetchJson<T>(path: string, options: RequestOptions): Promise<T> {
    const response = await this.#request(path, options);
    return (await response.json()) as T;
  }

  async #request(path: string, options: RequestOptions): Promise<Response> {
    const token = this.options.getToken();
    const sendsToken = token !== null && (options.auth === 'required' || this.#readsNeedToken);
    const response = await this.#send(path, options, sendsToken ? token : null);
    if (options.auth === 'required') this.#reportServerTime(response);
    if (response.ok) return response;
    if (response.status === 401 && token !== null && !sendsToken) {
      this.#readsNeedToken = true;
      return this.#request(path, options);
    }
    // Somebody has signed in while the old token was being refused, which says nothing about the new one.
    const newToken = this.options.getToken();
    if (response.status === 401 && newToken !== null && newToken !== token)
      return this.#request(path, options);
    throw await readProblem(response);
  }

  async #send(path: string, options: RequestOptions, token: string | null): Promise<Response> {
    const headers: Record<string, string> = { Accept: 'application/json', ...options.headers };
    if (token !== null) headers['Authorization'] = `Bearer ${token}`;
    if (options.body !== undefined) headers['Content-Type'] = 'application/json';
    try {
      return await this.options.fetch(path, {
        method: options.method ?? 'GET',
        headers,
        ...(options.cache === undefined ? {} : { cache: options.cache }),
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
    } catch (error) {
      if (isAbort(error)) throw error;
      throw new NetworkError('The server cannot be reached.', { cause: error });
    }
  }

  #reportServerTime(response: Response): void {
    const date = Date.parse(response.headers.get('Date') ?? '');
    // The Date header is cut to whole seconds, so the expected error is smallest in the middle of that second.
    if (!Number.isNaN(date)) this.options.onServerTime?.(date + 500);
  }
}

async function readProblem(response: Response): Promise<ApiError> {
  const retryAfter = parseRetryAfter(response.headers.get('Retry-After'), Date.now());
  try {
    const problem = (await response.json()) as Partial<Problem>;
    if (typeof problem.detail === 'string') {
      return new ApiError(
        response.status,
        problem.code ?? 'unknown',
        problem.detail,
        retryAfter,
        problem.errors,
      );
    }
  } catch {
    // The answer is not JSON: a gateway in front of the API sent it, and the status is all that it says.
  }
  return new ApiError(response.status, 'unknown', `The server answered ${response.status}.`, retryAfter);
}
