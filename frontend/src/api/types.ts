/** Short names for the shapes of the API. All of them are generated from its OpenAPI document. */
import type { components, operations } from './schema';

type Schemas = components['schemas'];

export type Config = Schemas['Config'];
export type Contributor = Schemas['Contributor'];
export type Provider = Schemas['Provider'];
export type FileFormat = Schemas['FileFormat'];
export type Image = Schemas['Image'];
export type ImageChanges = Schemas['Changes'];
export type EditRequest = Schemas['EditRequest'];
/** What all requests of one edit have in common. */
export type EditContent = Omit<EditRequest, 'ids' | 'revisions'>;
export type EditAnswer = Schemas['EditAnswer'];
export type DeletionAnswer = Schemas['DeletionAnswer'];
export type RestorationAnswer = Schemas['RestorationAnswer'];
export type DuplicateGroup = Schemas['DuplicateGroup'];
export type DuplicatesPage = Schemas['DuplicatesPage'];
export type OriginalLink = Schemas['OriginalLink'];
export type ImagePage = Schemas['ImagePage'];
export type SimilarImage = Schemas['SimilarImage'];
export type ImageQuery = NonNullable<operations['searchImages']['parameters']['query']>;
export type LogEntry = Schemas['LogEntry'];
export type LogPage = Schemas['LogPage'];
export type SharedMetadata = Partial<Schemas['SharedMetadata']>;
export type Cover = Schemas['Cover'];
export type TagCount = Schemas['TagCount'];
export type Takedown = Schemas['Takedown'];
export type TakedownAnswer = Schemas['TakedownAnswer'];
export type TakedownPage = Schemas['TakedownPage'];
export type TakedownRequest = Schemas['TakedownRequest'];
export type Ticket = Schemas['Ticket'];
export type CancelAnswer = Schemas['CancelAnswer'];
export type TicketAnswer = Schemas['TicketAnswer'];
export type UploadFile = Schemas['UploadFile'];
export type WordCount = Schemas['WordCount'];

export type Problem = Schemas['Problem'];
export type ProblemCode = Problem['code'];
export type ErrorPlace = Schemas['ErrorPlace'];
export type FileError = Schemas['FileError'];
export type FileErrorCode = FileError['code'];
export type Upload = Schemas['Upload'];
export type UploadAnswer = Schemas['UploadAnswer'];
export type UploadPage = Schemas['UploadPage'];
/** Which uploads are listed. */
export type UploadFilter = Pick<
  NonNullable<operations['listUploads']['parameters']['query']>,
  'state' | 'expiring' | 'counts' | 'name' | 'order'
>;
