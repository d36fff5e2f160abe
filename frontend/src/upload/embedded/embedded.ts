/** What a file says about its picture, as far as a contributor sees it before the upload. */

/** The fields that are shown, of those that the library reads. Empty where the file says nothing. */
export interface Embedded {
  readonly title: string;
  readonly caption: string;
  readonly keywords: readonly string[];
  readonly creator: string;
  readonly credit: string;
  readonly copyright: string;
  readonly licenseUrl: string;
}

export type TextField = Exclude<keyof Embedded, 'keywords' | 'licenseUrl'>;

/** Whether a file has any of the fields. */
export function saysAnything(embedded: Embedded): boolean {
  return Object.values(embedded).some((value) => value.length > 0);
}
