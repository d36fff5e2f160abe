import { ApiError, NetworkError, isAbort, parseRetryAfter } from './errors';
import { buildImagePath, buildSearchPath } from './paths';
import { buildQueryString } from './query';
import type {
  Config,
  Contributor,
  Image,
  ImagePage,
  ImageQuery,
  Problem,
  SimilarImage,
  TagCount,
  WordCount,
} from './types';

export interface ClientOptions {
  fetch: typeof globalThis.fetch;
  /** The bearer token, or null when nobody is signed in. */
  getToken: () => string | null;
  /** Called with the server's clock (ms) for each answer that no cache can have stored. */
  onServerTime?: (serverMs: number) => void;
  /** Whether the library is known to answer reads only with a token. */
  isPrivate?: boolean;
  /** Called when the library turns out to be private. */
  onPrivate?: () => void;
}

/**
 * Ms after which nobody waits for an answer any more. A database that wakes up is waited for no longer than 21 s, with the
 * start of a function (infra/functions.py), and the answer says so.
 */
const ANSWER_TIMEOUT = 25_000;

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  /** `on-demand`: the token is sent once the API has answered 401 without it. */
  auth: 'required' | 'on-demand';
  cache?: RequestCache;
  /** Who was signed in when the request was made first; null when nobody was. */
  owner?: string | null;
  signal?: AbortSignal | undefined;
}

/**
 * The HTTP API, typed, as far as visitors use it; `ContributorClient` has the rest. Each method has the name of its operation in
 * the OpenAPI document, and rejects with ApiError, NetworkError or an AbortError.
 */
export class Client {
  /** Reads are public and cacheable, so they carry no token until a private library answers 401. */
  #readsNeedToken: boolean;

  constructor(private readonly options: ClientOptions) {
    this.#readsNeedToken = options.isPrivate ?? false;
  }

  getConfig(signal?: AbortSignal): Promise<Config> {
    return this.fetchJson('/api/config', { auth: 'on-demand', signal });
  }

  searchImages(query: ImageQuery, signal?: AbortSignal): Promise<ImagePage> {
    return this.fetchJson(buildSearchPath(query), { auth: 'on-demand', signal });
  }

  getImage(id: string, signal?: AbortSignal): Promise<Image> {
    return this.fetchJson(buildImagePath(id), { auth: 'on-demand', signal });
  }

  /** Pictures that are similar to one, the most similar first. */
  async listSimilar(id: string, limit: number, signal?: AbortSignal): Promise<SimilarImage[]> {
    const path = `${buildImagePath(id)}/similar${buildQueryString({ limit })}`;
    return (await this.fetchJson<{ images: SimilarImage[] }>(path, { auth: 'on-demand', signal })).images;
  }

  async listTags(prefix: string, limit: number, signal?: AbortSignal): Promise<TagCount[]> {
    const path = `/api/tags${buildQueryString({ prefix, limit })}`;
    return (await this.fetchJson<{ tags: TagCount[] }>(path, { auth: 'on-demand', signal })).tags;
  }

  /** Words that begin with a prefix, or that are related to a word, with wider words last; each with its number of pictures. */
  async listWords(
    asked: { prefix: string } | { related: string },
    limit: number,
    signal?: AbortSignal,
  ): Promise<WordCount[]> {
    const path = `/api/words${buildQueryString({ ...asked, limit })}`;
    return (await this.fetchJson<{ words: WordCount[] }>(path, { auth: 'on-demand', signal })).words;
  }

  async listContributors(prefix: string, limit: number, signal?: AbortSignal): Promise<Contributor[]> {
    const path = `/api/contributors${buildQueryString({ prefix, limit })}`;
    const answer = await this.fetchJson<{ contributors: Contributor[] }>(path, {
      auth: 'on-demand',
      signal,
    });
    return answer.contributors;
  }

  /** Rejects with the status 404 when nobody with this id has pictures that everybody sees. */
  getContributor(id: string, signal?: AbortSignal): Promise<Contributor> {
    return this.fetchJson(`/api/contributors/${encodeURIComponent(id)}`, { auth: 'on-demand', signal });
  }

  protected async fetchJson<T>(path: string, options: RequestOptions): Promise<T> {
    const answer = this.request(path, options).then((response) => readBody<T>(response));
    return options.method === undefined ? giveUpLate(answer) : answer;
  }

  protected async request(path: string, options: RequestOptions): Promise<Response> {
    const token = this.options.getToken();
    const sendsToken = token !== null && (options.auth === 'required' || this.#readsNeedToken);
    const response = await this.#send(path, options, sendsToken ? token : null);
    if (options.auth === 'required') this.#reportServerTime(response);
    if (response.ok) return response;
    if (response.status === 401 && token !== null && !sendsToken) {
      this.#readsNeedToken = true;
      this.options.onPrivate?.();
      return this.request(path, options);
    }
    // Somebody has signed in while the old token was being refused, which says nothing about the new one.
    const newToken = this.options.getToken();
    if (response.status === 401 && newToken !== null && newToken !== token)
      return this.request(path, options);
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

/** The body of an answer. A NetworkError for one that breaks off, as for an answer that never comes. */
async function readBody<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new NetworkError('The server cannot be reached.', { cause: error });
  }
}

/** The answer, or a NetworkError when it takes too long: a connection may lose a request without an error. */
async function giveUpLate<T>(answer: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NetworkError('The server cannot be reached.')), ANSWER_TIMEOUT);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
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
    // The answer is not JSON: a gateway in front of the API sent it, and people learn nothing from it.
  }
  return new ApiError(response.status, 'unknown', String(response.status), retryAfter);
}
