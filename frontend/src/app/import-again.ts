/** The addresses of style sheets that could not be loaded. */
const missingStyles = new Set<string>();

/**
 * What `load` imports, also where it has failed before. Chromium asks no second time for a script that it has failed to
 * load, so a script that fails is asked for at another address. Vite's own loader asks for each style sheet once.
 */
export async function importAgain<Module>(load: () => Promise<Module>): Promise<Module> {
  for (const href of missingStyles) {
    document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href }));
  }
  missingStyles.clear();
  try {
    return await load();
  } catch (error) {
    const message = String(error);
    const style = /\/\S+\.css/.exec(message);
    if (style !== null) missingStyles.add(style[0]);
    // Safari's message has no address, and Safari asks again.
    const script = /https?:\S+\.js/.exec(message);
    if (script === null) throw error;
    return (await import(/* @vite-ignore */ `${script[0]}?${Date.now()}`)) as Module;
  }
}
