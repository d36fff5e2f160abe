export type Theme = 'system' | 'light' | 'dark';

const KEY = 'stockroom.theme';
const ORDER: readonly Theme[] = ['system', 'light', 'dark'];

/** `/theme.js` has applied the choice before the first paint; this changes it afterwards. */
class ThemeChoice {
  value = $state<Theme>(read());

  next(): void {
    this.value = ORDER[(ORDER.indexOf(this.value) + 1) % ORDER.length] ?? 'system';
    if (this.value === 'system') {
      delete document.documentElement.dataset['theme'];
      localStorage.removeItem(KEY);
    } else {
      document.documentElement.dataset['theme'] = this.value;
      localStorage.setItem(KEY, this.value);
    }
  }
}

function read(): Theme {
  const kept = localStorage.getItem(KEY);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

export const theme = new ThemeChoice();
