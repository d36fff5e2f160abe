/** Finds the texts that people read. It reads what the compilers of Svelte and TypeScript make of a module. */
import { parseAst } from 'vite';

/** A text in a compiled module. */
export interface FoundText {
  /** As the catalogue has it: “{0} of {1} sent”; of a text with a number, both forms: “picture | pictures”. */
  readonly text: string;
  /**
   * The name by which the module asks for the text when it runs: the text as it stands there, with the space around it and
   * “{}” for each value. Of a text with a number, “#” and the form for one: “#picture”.
   */
  readonly raw: string;
  readonly isHtml: boolean;
}

/** A change that makes the module ask for the text when it runs. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly code: string;
}

export interface FoundTexts {
  readonly texts: readonly FoundText[];
  readonly edits: readonly Edit[];
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** Strings that look like texts, and are for the program. */
const NO_TEXTS: ReadonlySet<string> = new Set([
  'Authorization',
  'Bearer {0}',
  'CC {0} {1}',
  'Content-Type',
  'Date',
  'Enter',
  'Markdown',
  'Retry-After',
  'openid profile read upload',
  'tag {0}',
  'translate({0}px, {1}px)',
  // Errors in the program, which nobody sees who does not look for them.
  'The page has no place for the application.',
  'There is no such picture.',
]);

/** Names of constants that list values of the API which people read, too: in an array, or as names of properties. */
const WORD_LISTS = /^(PALETTE|fileErrorCodeValues|problemCodeValues)$|OrientationValues$/;

/** Functions whose arguments are for the program. */
const PROGRAM_CALLS = new RegExp(
  [
    String.raw`^\$\.(set_class|set_style|event|delegate|bind_\w+)$`,
    '(^|[.])(addEventListener|removeEventListener|querySelector|querySelectorAll|closest|matches|matchMedia)$',
    '(^|[.])(getItem|setItem|removeItem|startsWith|endsWith|includes)$',
  ].join('|'),
);
const READ_ATTRIBUTES = /label|title|placeholder|alt|valuetext|description/;
/** A text of a template's HTML: what follows a tag, or the value of an attribute that people read or hear. */
const HTML_TEXT = />([^<]+)|(?:label|title|placeholder|alt)="([^"]+)/g;
const SPACE = String.raw`(?:\s|&nbsp;|&ensp;)*`;
const SPACES_AROUND = new RegExp(`^(${SPACE})(.*?)(${SPACE})$`, 's');
const ENTITIES: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&amp;': '&' };

/** The texts of a compiled module, and how the module is to be changed. */
export function findTexts(code: string): FoundTexts {
  const texts: FoundText[] = [];
  const edits: Edit[] = [];

  function add(raw: string, isHtml = false): boolean {
    const text = toCatalogueText(raw, isHtml);
    if (NO_TEXTS.has(text)) return false;
    texts.push({ text, raw, isHtml });
    return true;
  }

  function visitHtml(literal: Node): void {
    const html = readLiteral(literal);
    let hasTexts = false;
    for (const [, content, attribute] of `>${html}`.matchAll(HTML_TEXT)) {
      const raw = content ?? attribute ?? '';
      if (/[\p{L}“”]/u.test(raw.replace(/&\w+;/g, ''))) hasTexts = add(raw, true) || hasTexts;
    }
    if (!hasTexts) return;
    edits.push({ start: literal.start, end: literal.start, code: '__html(' });
    edits.push({ start: literal.end, end: literal.end, code: ')' });
  }

  function visitLiteral(literal: Node): void {
    const raw = readLiteral(literal);
    if (!looksLikeText(raw) || !add(raw)) return;
    if (literal.type === 'TemplateLiteral') {
      edits.push({ start: literal.start, end: literal.start, code: '__t' });
    } else {
      edits.push({
        start: literal.start,
        end: literal.end,
        code: `__t\`${raw.replace(/[\\`]|\$\{/g, '\\$&')}\``,
      });
    }
  }

  function visitCount({ arguments: args }: Node): void {
    const [, one, other] = (args as Node[]).map((argument) =>
      isLiteral(argument) ? readLiteral(argument) : null,
    );
    if (one == null) return;
    texts.push({ text: `${one} | ${other ?? `${one}s`}`, raw: `#${one}`, isHtml: false });
  }

  function visitWords(list: Node): void {
    const words =
      (list['elements'] as Node[] | undefined) ??
      (list['properties'] as Node[]).map(({ key }) => key as Node);
    for (const word of words) add(word.type === 'Identifier' ? nameOf(word) : readLiteral(word));
  }

  function visit(node: Node, parent: Node | null, field: string): void {
    if (isLiteral(node)) {
      if (parent !== null && isHtmlOf(parent)) return visitHtml(node);
      if (parent?.type === 'TaggedTemplateExpression') {
        if (nameOf(parent['tag']) === 't') add(readLiteral(node));
      } else if (!isForProgram(parent, field)) visitLiteral(node);
    }
    if (node.type === 'VariableDeclarator' && WORD_LISTS.test(nameOf(node['id']))) {
      visitWords(node['init'] as Node);
    }
    if (node.type === 'CallExpression' && /^(formatCount|pluralize)$/.test(nameOf(node['callee']))) {
      visitCount(node);
      visit((node['arguments'] as Node[])[0] as Node, node, 'arguments.0');
      return;
    }
    for (const [name, value] of Object.entries(node)) {
      if (Array.isArray(value)) {
        value.forEach((child: unknown, index) => {
          if (isNode(child)) visit(child, node, `${name}.${index}`);
        });
      } else if (isNode(value)) visit(value, node, name);
    }
  }

  visit(parseAst(code) as unknown as Node, null, '');
  edits.sort((one, other) => one.start - other.start);
  return { texts, edits };
}

/** The module, with its texts asked for when it runs. Null: it has none. */
export function changeTexts(code: string, { edits }: FoundTexts, runtime: string): string | null {
  if (edits.length === 0) return null;
  let changed = '';
  let end = 0;
  for (const edit of edits) {
    changed += code.slice(end, edit.start) + edit.code;
    end = edit.end;
  }
  return `import { t as __t, html as __html } from ${JSON.stringify(runtime)};\n${changed}${code.slice(end)}`;
}

/** What stands at run time for the text of a module, from its translation. */
export function toRuntimeText(found: FoundText, translation: string): string {
  const [, before = '', , after = ''] = SPACES_AROUND.exec(found.raw) ?? [];
  const text = found.isHtml ? translation.replace(/[<>&"]/g, (sign) => encode(sign)) : translation;
  return `${before.replace(/\s+/, ' ')}${text}${after.replace(/\s+/, ' ')}`;
}

function encode(sign: string): string {
  return Object.entries(ENTITIES).find(([, decoded]) => decoded === sign)?.[0] ?? sign;
}

function toCatalogueText(raw: string, isHtml: boolean): string {
  let index = 0;
  const [, , inner = ''] = SPACES_AROUND.exec(raw) ?? [];
  const decoded = isHtml ? inner.replace(/&\w+;/g, (entity) => ENTITIES[entity] ?? entity) : inner;
  return decoded.replace(/\s+/g, ' ').replace(/\{\}/g, () => `{${index++}}`);
}

function looksLikeText(raw: string): boolean {
  // Names of the program: “ArrowLeft”, “AbortError”.
  if (/^\p{Lu}\p{Ll}+\p{Lu}\S*$/u.test(raw)) return false;
  // Addresses, and HTML.
  if (/^(https?:|\.?\/|data:|<)/.test(raw)) return false;
  // From here on, one sign stands for a value.
  const text = raw.replace(/\{\}/g, '\u0001');
  if (/[“”]/.test(text)) return true;
  // No word: “·”.
  if (!/(^|[\s“(\u0001])\p{L}{2,}/u.test(text)) return false;
  return (
    // “Search”
    /^[\s“(…]*\p{Lu}\p{Ll}/u.test(text) ||
    // Two words, or a value and a word: “not found”, “{} of”.
    /[\p{L}\u0001”][,;:.…]?\s+([·–] )?[“(]?\p{L}{2}/u.test(text) ||
    // A word and a value: “by {}”.
    /\p{L}{2}[,;:.…]?\s+[“(]?\u0001/u.test(text)
  );
}

function isForProgram(parent: Node | null, field: string): boolean {
  switch (parent?.type) {
    case 'BinaryExpression':
      return parent['operator'] !== '+';
    case 'CallExpression': {
      const name = nameOf(parent['callee']);
      if (name === '$.prop') return field !== 'arguments.3';
      if (name !== '$.set_attribute') return PROGRAM_CALLS.test(name);
      return (
        field !== 'arguments.2' ||
        !READ_ATTRIBUTES.test(readLiteral((parent['arguments'] as Node[])[1] as Node))
      );
    }
    case 'Property':
      return field === 'key';
    case 'MemberExpression':
      // Lists of words are split; other methods are called on what people read, too.
      return field === 'property' || nameOf(parent['property']) === 'split';
    case 'ExpressionStatement':
    case 'SwitchCase':
      return true;
    default:
      return /^(Import|Export)/.test(parent?.type ?? '');
  }
}

function isHtmlOf(parent: Node): boolean {
  return parent.type === 'CallExpression' && /^\$\.from_(html|svg)$/.test(nameOf(parent['callee']));
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

function isLiteral(node: Node): boolean {
  return node.type === 'TemplateLiteral' || (node.type === 'Literal' && typeof node['value'] === 'string');
}

function readLiteral(node: Node): string {
  if (node.type === 'Literal') return node['value'] as string;
  return (node['quasis'] as { value: { cooked: string } }[]).map(({ value }) => value.cooked).join('{}');
}

function nameOf(node: unknown): string {
  if (!isNode(node)) return '';
  if (node.type === 'Identifier') return node['name'] as string;
  if (node.type !== 'MemberExpression') return '';
  return `${nameOf(node['object'])}.${nameOf(node['property'])}`;
}
