/** The addresses of style sheets that could not be loaded, and are not there yet. */
const missingStyles = new Set<string>();

/**
 * What `load` imports, also where it has failed before. Chromium asks no second time for a script that it has failed to
 * load, so a script that fails is asked for at another address. Vite's own loader asks for each style sheet once.
 */
export async function importAgain<Module>(load: () => Promise<Module>): Promise<Module> {
  for (const href of missingStyles) {
    const onload = (): boolean => missingStyles.delete(href);
    document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href, onload }));
  }
  try {
    return await load();
  } catch (error) {
    const message = String(error);
    const style = /\/\S+\.css/.exec(message);
    if (style !== null) missingStyles.add(style[0]);
    // Safari's message has no address, and Safari asks again.
    const script = /https?:\S+\.js/.exec(message);
    if (script === null) throw error;
    return findModule<Module>(await import(/* @vite-ignore */ `${script[0]}?${Date.now()}`));
  }
}

/**
 * The module that was imported, in what its script exports. Where other scripts need parts of the script, too, the build makes
 * the module one of the exports, and shortens the names of all of them.
 */
export function findModule<Module>(script: object): Module {
  const isModule = (value: unknown): boolean => ({}).toString.call(value) === '[object Module]';
  return (Object.values(script).find(isModule) ?? script) as Module;
}
