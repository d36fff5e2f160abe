/** A chosen file or folder that could not be opened: it has gone meanwhile, or the browser may not read it. */
export class UnopenedFile {
  readonly size = 0;
  readonly lastModified = 0;

  constructor(
    readonly name: string,
    /** As `getPath` has it. */
    readonly path: string,
    readonly error: unknown,
  ) {}
}

/** A chosen file, whether or not it could be opened: those that could are uploaded all the same. */
export type ChosenFile = File | UnopenedFile;
