import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { exportFromCopies } from '../vite/svelte-on-demand';

const RUNTIME = readFileSync('node_modules/svelte/src/internal/client/index.js', 'utf8');

it('takes what only pages on demand use from copies of Svelte’s modules', () => {
  const code = exportFromCopies(RUNTIME);
  expect(code).toContain("export { bind_value } from './dom/elements/bindings/input.js';");
  expect(code).toMatch(
    /export \{[^}]*bind_checked[^}]*\} from '\.\/dom\/elements\/bindings\/input\.js\?on-demand';/,
  );
  expect(code).toMatch(/export \{[^}]*bind_select_value[^}]*\} from '[^']*select\.js\?on-demand';/);
  expect(code).toMatch(/export \{ clsx \} from '[^']*shared\/attributes\.js\?on-demand';/);
});

it('says where a release of Svelte exports them otherwise', () => {
  expect(exportFromCopies(RUNTIME.replace('bind_value', 'bind_text'))).toBeNull();
});
