/** Pictures of one take-down: the most that the API takes. */
export const MAX_TAKE_DOWNS = 50;

/** The ids in a text of ids and links of pictures, each once; `unknown` has what is neither. */
export function readIds(text: string): { ids: string[]; unknown: string[] } {
  const ids = new Set<string>();
  const unknown: string[] = [];
  for (const word of text.split(/[\s,;]+/).filter((each) => each !== '')) {
    const id = /(?:^|\/(?:p|picture|i)\/)([0-9A-Za-z]{13})(?=$|[/?#])/.exec(word)?.[1];
    if (id === undefined) unknown.push(word);
    else ids.add(id);
  }
  return { ids: [...ids], unknown };
}
