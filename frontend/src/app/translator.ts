/** The page's texts in another language than English. Loaded by those who read it. */

type Forms = Readonly<Partial<Record<Intl.LDMLPluralRule, string>>>;

/** A script's texts in this language, by what stands in the script; of a text with a number, its forms. `dir`: rtl or ltr. */
export type Table = Readonly<Record<string, string | Forms>>;

export class Translator {
  readonly #texts: Record<string, string | Forms> = {};
  readonly #rules: Intl.PluralRules;

  constructor(private readonly language: string) {
    this.#rules = new Intl.PluralRules(language);
  }

  add(table: Table): void {
    Object.assign(this.#texts, table);
    Object.assign(document.documentElement, { lang: this.language, dir: table['dir'] });
  }

  /** Undefined for what is no text, such as a colour that somebody has written into the address. */
  translate(text: string): string | undefined {
    const found = Object.hasOwn(this.#texts, text) ? this.#texts[text] : undefined;
    return typeof found === 'string' ? found : undefined;
  }

  fill(strings: readonly string[], values: readonly unknown[]): string | undefined {
    return this.translate(strings.join('{}'))?.replace(/\{(\d)\}/g, (_, index: string) =>
      String(values[Number(index)]),
    );
  }

  translateHtml(template: string): string {
    return `>${template}`
      .replace(
        /(>|(?:label|title|placeholder|alt)=")([^<"]+)/g,
        (_, before: string, text: string) => before + (this.translate(text) ?? text),
      )
      .slice(1);
  }

  findForm(singular: string, count: number): string | undefined {
    const forms = this.#texts[`#${singular}`] as Forms | undefined;
    return forms?.[this.#rules.select(count)] ?? forms?.other;
  }
}
