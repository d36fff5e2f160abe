/** The colours that pictures can be searched by, each with a sample of it. */
export const PALETTE: Readonly<Record<string, string>> = {
  black: '#141414',
  white: '#f2f2f2',
  gray: '#808080',
  red: '#c8281e',
  orange: '#e6821e',
  yellow: '#e6d232',
  green: '#46963c',
  teal: '#2d9b9b',
  blue: '#325ab4',
  purple: '#78378c',
  pink: '#e696b4',
  brown: '#6e4b32',
};
