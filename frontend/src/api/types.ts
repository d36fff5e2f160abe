/** Short names for the shapes of the API. All of them but the codes are generated from its OpenAPI document. */
import type { components, operations } from './schema';

type Schemas = components['schemas'];

export type Config = Schemas['Config'];
export type Image = Schemas['Image'];
export type ImagePage = Schemas['ImagePage'];
export type ImageQuery = NonNullable<operations['searchImages']['parameters']['query']>;
export type SharedMetadata = Partial<Schemas['SharedMetadata']>;
export type TagCount = Schemas['TagCount'];
export type Ticket = Schemas['Ticket'];
export type TicketAnswer = Schemas['TicketAnswer'];
export type UploadFile = Schemas['UploadFile'];
export type WordCount = Schemas['WordCount'];

export type Problem = WithCode<Schemas['Problem'], ProblemCode>;
export type FileError = WithCode<Schemas['FileError'], FileErrorCode>;
export type Upload = WithError<Schemas['Upload']>;
export type UploadAnswer = WithError<Schemas['UploadAnswer']>;
export type UploadPage = Omit<Schemas['UploadPage'], 'uploads'> & { uploads: Upload[] };

type WithCode<Shape, Code> = Omit<Shape, 'code'> & { code: Code };
type WithError<Shape> = Omit<Shape, 'error'> & { error?: FileError };

export type ProblemCode =
  | 'already-ready'
  | 'body-too-large'
  | 'conflict'
  | 'database-unavailable'
  | 'forbidden'
  | 'internal-error'
  | 'invalid-color'
  | 'invalid-credit'
  | 'invalid-cursor'
  | 'invalid-date'
  | 'invalid-description'
  | 'invalid-field'
  | 'invalid-id'
  | 'invalid-json'
  | 'invalid-license'
  | 'invalid-name'
  | 'invalid-number'
  | 'invalid-orientation'
  | 'invalid-request'
  | 'invalid-sort'
  | 'invalid-tag'
  | 'method-not-allowed'
  | 'missing-field'
  | 'no-files'
  | 'not-found'
  | 'not-owner'
  | 'query-too-long'
  | 'repeated-parameter'
  | 'scope-missing'
  | 'storage-unavailable'
  | 'token-expired'
  | 'token-invalid'
  | 'token-missing'
  | 'token-revoked'
  | 'too-many-files'
  | 'too-many-ids'
  | 'too-many-parameters'
  | 'too-many-pending'
  | 'too-many-tags'
  | 'unknown-field'
  | 'unknown-license'
  | 'unknown-parameter'
  | 'unsupported-media-type';

export type FileErrorCode =
  | 'changed'
  | 'corrupt'
  | 'empty'
  | 'invalid-credit'
  | 'invalid-description'
  | 'invalid-field'
  | 'invalid-name'
  | 'invalid-tag'
  | 'missing-field'
  | 'not-an-image'
  | 'processing-failed'
  | 'side-too-long'
  | 'too-large'
  | 'too-many-frames'
  | 'too-many-pixels'
  | 'too-many-tags'
  | 'too-much-memory'
  | 'too-much-metadata'
  | 'too-slow'
  | 'truncated'
  | 'undecodable'
  | 'unknown-field'
  | 'unknown-license'
  | 'unsupported-type';
