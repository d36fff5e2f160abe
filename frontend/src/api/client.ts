import { ApiError, NetworkError, isAbort, parseRetryAfter } from './errors';
import { queryString, type QueryValue } from './query';
import type {
  Config,
  Image,
  ImagePage,
  ImageQuery,
  Problem,
  SharedMetadata,
  TagCount,
  TicketAnswer,
  Upload,
  UploadAnswer,
  UploadFile,
  UploadPage,
  WordCount,
} from './types';

export interface ClientOptions {
  fetch: typeof globalThis.fetch;
  /** The bearer token, or null when nobody is signed in. */
  token: () => string | null;
  /** Told the server's clock (ms) and when the answer came, for answers that no cache has kept. */
  onServerTime?: (serverMs: number) => void;
}

interface RequestOptions {
  method?: 'GET' | 'POST' | 'DELETE';
  body?: unknown;
  auth: 'always' | 'when-asked';
  signal?: AbortSignal | undefined;
}

/** The whole HTTP API, typed. Every method rejects with ApiError, NetworkError or an AbortError. */
export class Client {
  /** Reads are public and cacheable, so they carry no token until a private library asks for one. */
  #readsNeedToken = false;

  constructor(private readonly options: ClientOptions) {}

  config(signal?: AbortSignal): Promise<Config> {
    return this.#json('/api/config', { auth: 'when-asked', signal });
  }

  images(query: ImageQuery, signal?: AbortSignal): Promise<ImagePage> {
    const text = queryString(query as Record<string, QueryValue>);
    return this.#json(`/api/images${text}`, { auth: 'when-asked', signal });
  }

  image(id: string, signal?: AbortSignal): Promise<Image> {
    return this.#json(`/api/images/${encodeURIComponent(id)}`, { auth: 'when-asked', signal });
  }

  /** Pictures that are like one, the most similar first. */
  async similar(id: string, limit: number, signal?: AbortSignal): Promise<Image[]> {
    const path = `/api/images/${encodeURIComponent(id)}/similar${queryString({ limit })}`;
    return (await this.#json<ImagePage>(path, { auth: 'when-asked', signal })).images;
  }

  async tags(prefix: string, limit: number, signal?: AbortSignal): Promise<TagCount[]> {
    const path = `/api/tags${queryString({ prefix, limit })}`;
    return (await this.#json<{ tags: TagCount[] }>(path, { auth: 'when-asked', signal })).tags;
  }

  async words(prefix: string, limit: number, signal?: AbortSignal): Promise<WordCount[]> {
    const path = `/api/words${queryString({ prefix, limit })}`;
    return (await this.#json<{ words: WordCount[] }>(path, { auth: 'when-asked', signal })).words;
  }

  async createUploads(files: UploadFile[], shared: SharedMetadata): Promise<UploadAnswer[]> {
    const body = { files, shared };
    const answer = await this.#json<{ files: UploadAnswer[] }>('/api/uploads', {
      method: 'POST',
      body,
      auth: 'always',
    });
    return answer.files;
  }

  async renewTickets(ids: string[]): Promise<TicketAnswer[]> {
    const answer = await this.#json<{ files: TicketAnswer[] }>('/api/uploads/tickets', {
      method: 'POST',
      body: { ids },
      auth: 'always',
    });
    return answer.files;
  }

  async uploadStates(ids: string[]): Promise<Upload[]> {
    const path = `/api/uploads${queryString({ ids: ids.join(',') })}`;
    return (await this.#json<UploadPage>(path, { auth: 'always' })).uploads;
  }

  uploads(cursor: string | null, signal?: AbortSignal): Promise<UploadPage> {
    return this.#json(`/api/uploads${queryString({ cursor })}`, { auth: 'always', signal });
  }

  async cancelUpload(id: string): Promise<void> {
    await this.#request(`/api/uploads/${encodeURIComponent(id)}`, { method: 'DELETE', auth: 'always' });
  }

  async #json<T>(path: string, options: RequestOptions): Promise<T> {
    const response = await this.#request(path, options);
    return (await response.json()) as T;
  }

  async #request(path: string, options: RequestOptions): Promise<Response> {
    const token = this.options.token();
    const sendToken = token !== null && (options.auth === 'always' || this.#readsNeedToken);
    const response = await this.#send(path, options, sendToken ? token : null);
    if (options.auth === 'always') this.#noteServerTime(response);
    if (response.ok) return response;
    if (response.status === 401 && token !== null && !sendToken) {
      this.#readsNeedToken = true;
      return this.#request(path, options);
    }
    throw await problemOf(response);
  }

  async #send(path: string, options: RequestOptions, token: string | null): Promise<Response> {
    const headers: Record<string, string> = { Accept: 'application/json' };
    if (token !== null) headers['Authorization'] = `Bearer ${token}`;
    if (options.body !== undefined) headers['Content-Type'] = 'application/json';
    try {
      return await this.options.fetch(path, {
        method: options.method ?? 'GET',
        headers,
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
    } catch (error) {
      if (isAbort(error)) throw error;
      throw new NetworkError('The server cannot be reached.', { cause: error });
    }
  }

  #noteServerTime(response: Response): void {
    const date = Date.parse(response.headers.get('Date') ?? '');
    // The header counts whole seconds, so its middle is the best guess.
    if (!Number.isNaN(date)) this.options.onServerTime?.(date + 500);
  }
}

async function problemOf(response: Response): Promise<ApiError> {
  const retryAfter = parseRetryAfter(response.headers.get('Retry-After'), Date.now());
  try {
    const problem = (await response.json()) as Partial<Problem>;
    if (typeof problem.detail === 'string') {
      const code = problem.code ?? 'unknown';
      return new ApiError(response.status, code, problem.detail, retryAfter, problem as Problem);
    }
  } catch {
    // Not JSON: a gateway in front of the API answered. Its status says all there is to know.
  }
  return new ApiError(response.status, 'unknown', `The server answered ${response.status}.`, retryAfter);
}
