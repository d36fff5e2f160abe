/** What the page says about the API's codes and its own. A code that is missing here fails the type check. */
import { ApiError, isRefusedOnTheWay, NetworkError } from '../api/errors';
import type { ProblemCode } from '../api/types';
import { findText } from './texts';

const PRIVATE_LIBRARY = 'This library is private: its pictures are shown to those who are signed in.';

const NO_ANSWER = 'The library could not answer just now. That usually passes within a minute.';

/** Problems of which the API's English `detail` says most: it names the field or the limit. */
type SaidByApi =
  | 'already-ready'
  | 'body-too-large'
  | 'busy'
  | 'edited-meanwhile'
  | 'empty-edit'
  | 'if-match-missing'
  | 'invalid-choice'
  | 'invalid-copyright'
  | 'invalid-creator'
  | 'invalid-credit'
  | 'invalid-cursor'
  | 'invalid-date'
  | 'invalid-description'
  | 'invalid-embargo'
  | 'invalid-expires'
  | 'invalid-field'
  | 'invalid-id'
  | 'invalid-json'
  | 'invalid-license-url'
  | 'invalid-name'
  | 'invalid-number'
  | 'invalid-place'
  | 'invalid-tag'
  | 'invalid-usage-terms'
  | 'keys-unavailable'
  | 'library-too-many-bytes'
  | 'library-too-many-daily-files'
  | 'library-too-many-pending'
  | 'method-not-allowed'
  | 'missing-field'
  | 'no-files'
  | 'no-ids'
  | 'query-too-long'
  | 'repeated-parameter'
  | 'storage-unavailable'
  | 'too-large'
  | 'too-many-bytes'
  | 'too-many-daily-files'
  | 'too-many-files'
  | 'too-many-ids'
  | 'too-many-parameters'
  | 'too-many-pending'
  | 'too-many-requests'
  | 'too-many-tags'
  | 'unknown-field'
  | 'unknown-license'
  | 'unknown-parameter'
  | 'unsupported-format'
  | 'unsupported-media-type'
  | 'unsupported-type';

/** The page's own sentence for a problem. A code that is neither here nor above fails the type check. */
const PROBLEM_MESSAGES: Readonly<Record<Exclude<ProblemCode, SaidByApi> | 'unknown', string>> = {
  // The API names the part of the library that is missing, which visitors do not know.
  'database-busy': NO_ANSWER,
  'database-unavailable': NO_ANSWER,
  'database-waking': 'The library is waking up; this takes up to a minute.',
  'internal-error': NO_ANSWER,
  'not-found': 'There is no such picture. It may have been deleted.',
  'scope-missing': 'Your sign-in does not allow this. Ask whoever runs this library for a link that does.',
  'statement-timeout': NO_ANSWER,
  'token-expired': PRIVATE_LIBRARY,
  'token-invalid': PRIVATE_LIBRARY,
  'token-missing': PRIVATE_LIBRARY,
  'token-revoked': PRIVATE_LIBRARY,
  unknown: NO_ANSWER,
};

/** An error of the page itself, whose message is a text for people. */
export class ToldError extends Error {}

/** What to tell a person about any error. */
export function describeError(error: unknown): string {
  if (error instanceof ApiError) {
    if (isRefusedOnTheWay(error)) {
      return `The request was refused on its way to the library (${error.status}). Trying again will not help: tell whoever runs this library.`;
    }
    return (
      (PROBLEM_MESSAGES as Partial<Record<string, string>>)[error.code] ??
      findText(error.code) ??
      error.detail
    );
  }
  if (error instanceof NetworkError) return 'The server cannot be reached. Check your connection.';
  if (error instanceof ToldError) return error.message;
  // What browsers say of anything else is for programmers, such as “Failed to fetch dynamically imported module”.
  return 'This did not work. Check your connection, then try again, or load the page again.';
}
