/**
 * Keeps functions of Svelte's runtime that only pages on demand use out of the first load. A module is bundled as a whole: where
 * the first load uses one of its functions, the functions that other scripts use are in the first load, too. They are taken from
 * a copy of the module. None of these modules has a state that both copies would have to share.
 */
import type { Plugin } from 'vite';

const RUNTIME = '/svelte/src/internal/client/index.js';

/** By the end of the module's path, the exports that the first load uses. All others are taken from the copy. */
const IN_FIRST_LOAD: ReadonlyMap<string, readonly string[]> = new Map([
  ['bindings/input.js', ['bind_value']],
  ['bindings/select.js', ['set_selected']],
  ['shared/attributes.js', ['attr']],
]);

/** The code of Svelte's runtime with such exports, or null where it has another form than expected. */
export function exportFromCopies(code: string): string | null {
  let found = 0;
  const changed = code.replace(/export \{([^}]*)\} from '([^']*)';/g, (all, list: string, path: string) => {
    const kept = IN_FIRST_LOAD.get(path.split('/').slice(-2).join('/'));
    const names = list.split(',').map((name) => name.trim());
    if (kept === undefined || !kept.every((name) => names.includes(name))) return all;
    found += 1;
    const others = names.filter((name) => !kept.includes(name));
    return `export { ${kept.join(', ')} } from '${path}';\nexport { ${others.join(', ')} } from '${path}?on-demand';`;
  });
  return found === IN_FIRST_LOAD.size ? changed : null;
}

export function keepSvelteOnDemand(): Plugin {
  return {
    name: 'keep-svelte-on-demand',
    enforce: 'pre',
    apply: 'build',
    transform(code, id) {
      if (!id.endsWith(RUNTIME)) return null;
      const changed = exportFromCopies(code);
      if (changed === null)
        this.error('Svelte exports its runtime in another way now: adapt `keepSvelteOnDemand`.');
      return { code: changed, map: null };
    },
  };
}
