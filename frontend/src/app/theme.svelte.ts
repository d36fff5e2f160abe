export type Theme = 'system' | 'light' | 'dark';

const STORAGE_KEY = 'stockroom.theme';
const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

/** The chosen theme. `/theme.js` has applied it before the first paint; this class applies later changes. */
class ThemeChoice {
  value = $state<Theme>(readTheme());

  /** Goes to the next of system, light and dark. */
  cycle(): void {
    this.value = THEMES[(THEMES.indexOf(this.value) + 1) % THEMES.length] ?? 'system';
    if (this.value === 'system') {
      delete document.documentElement.dataset['theme'];
      localStorage.removeItem(STORAGE_KEY);
    } else {
      document.documentElement.dataset['theme'] = this.value;
      localStorage.setItem(STORAGE_KEY, this.value);
    }
  }
}

function readTheme(): Theme {
  const stored = localStorage.getItem(STORAGE_KEY);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

export const theme = new ThemeChoice();
