/**
 * What `load` imports, also where it has failed before. Chromium asks no second time for a script that it has failed to
 * load, so a script that fails is asked for at another address.
 */
export async function importAgain<Module>(load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    // Safari's message has no address, and Safari asks again. A style sheet is asked for again by the next import.
    const script = /https?:\S+\.js(?=[?\s]|$)/.exec(String(error));
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
