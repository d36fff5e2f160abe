/**
 * The style sheets that are there or on their way, and the scripts that were asked for ahead, by their files. The page's own
 * style sheet is in its HTML, and parts on demand name it, too: added once more, its rules would come after those of parts.
 */
const links = new Map<string | undefined, unknown>(
  Array.from(document.querySelectorAll('[rel=stylesheet]'), (link) => [
    link.getAttribute('href')?.slice(1),
    true,
  ]),
);

/**
 * What `load` imports, once the style sheets among these files are there; scripts among them are fetched meanwhile. The build
 * puts it around each import on demand, in place of Vite's own function (`vite/short-loader.ts`). A style sheet that could not
 * be loaded is asked for again the next time.
 */
export async function importWithStyles<Module>(
  load: () => Promise<Module>,
  files: readonly string[] = [],
): Promise<Module> {
  await Promise.all(
    files.map((file) => {
      const link = links.get(file) ?? addLink(file);
      links.set(file, link);
      return link;
    }),
  );
  return load();
}

async function addLink(file: string): Promise<void> {
  const isStyle = file.endsWith('.css');
  const link = document.createElement('link');
  link.rel = isStyle ? 'stylesheet' : 'modulepreload';
  link.crossOrigin = '';
  link.href = `/${file}`;
  document.head.append(link);
  if (!isStyle) return;
  await new Promise((resolve, reject) => {
    link.onload = resolve;
    link.onerror = () => {
      link.remove();
      links.delete(file);
      reject(new Error(link.href));
    };
  });
}
