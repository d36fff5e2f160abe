/** Why a file was not taken, or waits: the API's codes and the page's own. A code that is missing here fails the type check. */
import { ApiError, isRefusedOnTheWay, NetworkError } from '../api/errors';
import type { FileError, FileErrorCode, ProblemCode } from '../api/types';
import { formatBytes, formatMegapixels } from './format-sizes';
import { describeError } from './messages';
import { findText } from './texts';

interface Explanation {
  readonly detail: string;
  /** What a person can do about it. */
  readonly hint?: string;
  /** Whether the same file may be taken next time. False after a judgement of its content. */
  readonly canRetry: boolean;
  /** Whether the file may be taken with another title or description, other tags, or another licence or credit. */
  readonly needsOtherDetails?: boolean;
}

/** Why a file was not taken, or why it waits. */
export interface Reason extends Explanation {
  readonly code: FileErrorCode | PageErrorCode;
  /** What the sentences are made of, so that they can be made again in another language. */
  readonly values: readonly unknown[];
}

/** An error as it can be stored: of one of the API, its code. */
interface StoredError {
  readonly kind: 'api' | 'network' | 'other';
  /** 0 for an error that is no answer, or that an earlier version of the page has stored. */
  readonly status?: number;
  readonly code: string;
  readonly detail: string;
}

/** How a file can still be taken: `again` as it is, `with-other-details`, or `never`, as the file itself is the cause. */
const REMEDIES: Readonly<Record<FileErrorCode, 'again' | 'with-other-details' | 'never'>> = {
  changed: 'again',
  'size-differs': 'again',
  corrupt: 'never',
  empty: 'never',
  'invalid-copyright': 'with-other-details',
  'invalid-creator': 'with-other-details',
  'invalid-credit': 'with-other-details',
  'invalid-description': 'with-other-details',
  'invalid-embargo': 'with-other-details',
  'invalid-expires': 'with-other-details',
  'invalid-field': 'never',
  'invalid-license-url': 'with-other-details',
  'invalid-name': 'with-other-details',
  'invalid-place': 'with-other-details',
  'invalid-tag': 'with-other-details',
  'invalid-usage-terms': 'with-other-details',
  'missing-field': 'never',
  'not-an-image': 'never',
  'processing-failed': 'again',
  'side-too-long': 'never',
  'taken-down': 'never',
  'too-large': 'never',
  'too-many-frames': 'never',
  'too-many-pixels': 'never',
  'too-many-tags': 'with-other-details',
  'too-much-memory': 'never',
  'too-much-metadata': 'never',
  'too-slow': 'never',
  truncated: 'never',
  undecodable: 'never',
  'unknown-field': 'never',
  'unknown-license': 'with-other-details',
  'unsupported-type': 'never',
};

/** The API's judgement of one file. A file with a code that is newer than this page can be sent again. */
export function createApiReason({ code, detail: english }: FileError): Reason {
  const detail = findText(code) ?? english;
  const remedy = (REMEDIES as Partial<typeof REMEDIES>)[code] ?? 'again';
  const values = [english];
  if (remedy === 'with-other-details')
    return { code, values, detail, canRetry: false, needsOtherDetails: true };
  return { code, values, detail, canRetry: remedy === 'again' };
}

/** Codes of requests that this page must not have sent: they say nothing about the file. */
const BAD_REQUESTS: ReadonlySet<string> = new Set(['invalid-field', 'missing-field', 'unknown-field']);

/** Whether the library has judged the content of the file, whatever is said about it. */
export function isAboutContent({ code }: Reason): boolean {
  return (REMEDIES as Partial<Record<string, string>>)[code] === 'never' && !BAD_REQUESTS.has(code);
}

/** Codes of files that are broken. What is refused by a limit of the library may be taken once that is another one. */
const BROKEN: ReadonlySet<string> = new Set(['corrupt', 'empty', 'not-an-image', 'truncated', 'undecodable']);

/** Types whose files come from a phone, which can take others. */
const PHONE_TYPES: ReadonlySet<string> = new Set(['image/heic', 'image/heif']);

/** Titles of formats that are words. The others are the same in every language. */
const FORMAT_TITLES: Readonly<Record<string, string>> = {
  'MP4 and similar': 'MP4 and similar',
  'TIFF or camera raw': 'TIFF or camera raw',
  'Windows icon': 'Windows icon',
};

/** Reasons that the page itself gives. */
const PAGE_REASONS = {
  'already-in-library': () => ({
    detail: 'This photo is already in the library.',
    // What somebody has typed before “Upload” is for new pictures only.
    hint: 'Its details stay as they were; edit them in My pictures.',
    canRetry: false,
  }),
  'cancel-refused': (error: unknown) => ({
    detail: `The upload could not be cancelled: ${describeStored(error)}`,
    hint: 'If the photo has arrived, it will be published.',
    canRetry: false,
  }),
  'cancelled-by-another': () => ({
    detail: 'The upload could not be cancelled before another person signed in.',
    hint: 'If the photo has arrived, it will be published in the name of who had signed in before.',
    canRetry: false,
  }),
  'connection-lost': () => ({
    detail: 'The connection broke while the file was on its way.',
    hint: 'Check your connection, then try again.',
    canRetry: true,
  }),
  'file-changed': () => ({
    detail: 'The file was changed or moved while it was being uploaded.',
    hint: 'Choose it again.',
    canRetry: false,
  }),
  'file-empty': () => ({ detail: 'The file is empty.', hint: 'Choose the original again.', canRetry: false }),
  'file-too-large': (size: number, limit: number) => ({
    detail: `The file has ${formatBytes(size)}; the limit is ${formatBytes(limit)}.`,
    hint: 'Export it smaller or with more compression.',
    canRetry: false,
  }),
  'file-unreadable': () => ({
    // What the browser says of it is no text of this page, and helps nobody.
    detail: 'The file could not be read.',
    hint: 'It may have been moved or changed. Choose it again.',
    canRetry: false,
  }),
  'format-not-accepted': (title: string, type: string, accepted: string) => ({
    detail: `${FORMAT_TITLES[title] ?? title} files are not accepted.`,
    hint: PHONE_TYPES.has(type)
      ? 'Export the photo as JPEG and upload that; on an iPhone, Settings > Camera > Formats > Most Compatible makes it take JPEG from now on.'
      : `Export it as ${accepted} and upload that.`,
    canRetry: false,
  }),
  'no-reason-given': (state: 'rejected' | 'failed') => ({
    detail:
      state === 'rejected' ? 'The library did not take this file.' : 'The photo could not be processed.',
    canRetry: true,
  }),
  'not-a-picture': (accepted: string) => ({
    detail: 'This is not a picture of a kind the library knows.',
    hint: `Use ${accepted}.`,
    canRetry: false,
  }),
  'no-picture-inside': (accepted: string) => ({
    detail: 'The file is damaged, or what is in it is no picture.',
    hint: `Choose the original again, or export it as ${accepted}.`,
    canRetry: false,
  }),
  'refused-before': (error: FileError) => ({
    detail: `The library has refused this file before. ${createApiReason(error).detail}`,
    // What is broken stays broken, and its sentence says what helps.
    ...(BROKEN.has(error.code)
      ? { canRetry: false }
      : { hint: 'It is only sent again if you press “Retry”.', canRetry: true }),
  }),
  'request-refused': (error: unknown) => ({
    detail: describeStored(error),
    canRetry: !isRefusedOnTheWay(restoreError(error)),
  }),
  'same-as-another': (name: string) => ({
    detail: `The same photo as “${name}” in this list.`,
    canRetry: false,
  }),
  'sent-by-another': () => ({
    detail: 'The photo was sent in the name of who had signed in before.',
    hint: 'It is among that person’s uploads. To upload it in your name, too, choose it again.',
    canRetry: false,
  }),
  'storage-busy': () => ({
    detail: 'Storage is busy and did not take the file.',
    hint: 'Try again in a while.',
    canRetry: true,
  }),
  'storage-refused': () => ({
    detail: 'Storage refused the file.',
    hint: 'Try again; if it goes on, tell whoever runs this library.',
    canRetry: true,
  }),
  'too-many-megapixels': (pixels: number, limit: number) => ({
    detail: `The picture has ${formatMegapixels(pixels)}; the limit is ${formatMegapixels(limit)}.`,
    hint: 'Export it at a smaller size.',
    canRetry: false,
  }),
  'uploaded-before': (name: string) => ({
    detail: `This photo was uploaded before, as “${name}”.`,
    canRetry: true,
  }),
  'upload-expired': () => ({
    detail: 'The photo did not arrive in the library in time.',
    hint: 'Try again: the file is sent once more.',
    canRetry: true,
  }),
  'upload-lost': () => ({
    detail: 'The library has dropped this upload several times.',
    hint: 'Try again in a while.',
    canRetry: true,
  }),
  video: (accepted: string) => ({
    detail: 'Videos are not taken.',
    hint: `This library has pictures alone: ${accepted}.`,
    canRetry: false,
  }),
} satisfies Record<string, (...values: never[]) => Explanation>;

export type PageErrorCode = keyof typeof PAGE_REASONS;

export function createReason<Code extends PageErrorCode>(
  code: Code,
  ...values: Parameters<(typeof PAGE_REASONS)[Code]>
): Reason {
  const explain = PAGE_REASONS[code] as (...values: unknown[]) => Explanation;
  const stored = values.map((value: unknown) => (value instanceof Error ? storeError(value) : value));
  return { code, values: stored, ...explain(...stored) };
}

/** A reason of an earlier page, in the language that this page has. */
export function retellReason(reason: Reason): Reason {
  const { code, values } = reason as Partial<Reason>;
  // A page before this version has stored the sentences alone.
  if (code === undefined || values === undefined) return reason;
  if (Object.hasOwn(PAGE_REASONS, code)) return createReason(code as PageErrorCode, ...(values as never));
  return createApiReason({ code: code as FileErrorCode, detail: String(values[0]) });
}

function storeError(error: Error): StoredError {
  if (error instanceof ApiError)
    return { kind: 'api', status: error.status, code: error.code, detail: error.detail };
  return { kind: error instanceof NetworkError ? 'network' : 'other', code: '', detail: error.message };
}

function describeStored(error: unknown): string {
  return describeError(restoreError(error));
}

function restoreError(error: unknown): Error {
  const { kind, status = 0, code, detail } = error as StoredError;
  if (kind === 'api') return new ApiError(status, code as ProblemCode, detail);
  return kind === 'network' ? new NetworkError() : new Error(detail);
}

/** What to tell a contributor about a request that is repeated: why the database is away is the operator's matter. */
export function describeOutage(error: unknown): string {
  return error instanceof ApiError && error.code === 'database-unavailable'
    ? 'The library does not answer just now.'
    : describeError(error);
}

/** The same reason for a file that is sent again without anybody's help. */
export function withRetryHint(reason: Reason, isOnline: boolean): Reason {
  const hint = isOnline ? 'Trying again by itself.' : 'It goes on by itself when the connection is back.';
  return { ...reason, hint };
}
