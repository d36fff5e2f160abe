/** Short names for the shapes of the API; all of them are generated from its contract. */
import type { components, operations } from './schema';

type Schemas = components['schemas'];

export type Config = Schemas['Config'];
export type Image = Schemas['Image'];
export type ImagePage = Schemas['ImagePage'];
export type Problem = Schemas['Problem'];
export type SharedMetadata = Partial<Schemas['SharedMetadata']>;
export type TagCount = Schemas['TagCount'];
export type Ticket = Schemas['Ticket'];
export type TicketAnswer = Schemas['TicketAnswer'];
export type Upload = Schemas['Upload'];
export type UploadAnswer = Schemas['UploadAnswer'];
export type UploadFile = Schemas['UploadFile'];
export type UploadPage = Schemas['UploadPage'];
export type WordCount = Schemas['WordCount'];
export type ImageQuery = NonNullable<operations['searchImages']['parameters']['query']>;
