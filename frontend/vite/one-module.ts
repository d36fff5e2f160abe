/**
 * Checks that a script which is loaded on demand holds one module that is imported on demand. `findModule` (import-again.ts)
 * takes the only module that such a script exports: with two of them it could hand out the wrong one.
 */
import type { Plugin } from 'vite';

/** What is asked of a script that was built. */
export interface BuiltScript {
  type: 'chunk' | 'asset';
  fileName: string;
  moduleIds?: readonly string[];
}

/** The scripts with several modules that `isOnDemand`, each as its name and theirs. */
export function listShared(
  bundle: Readonly<Record<string, BuiltScript>>,
  isOnDemand: (id: string) => boolean,
): string[] {
  return Object.values(bundle).flatMap(({ fileName, moduleIds = [] }) => {
    const modules = moduleIds.filter(isOnDemand);
    return modules.length > 1 ? [`${fileName}: ${modules.join(', ')}`] : [];
  });
}

export function keepModulesApart(): Plugin {
  return {
    name: 'keep-modules-apart',
    apply: 'build',
    generateBundle(_options, bundle) {
      const shared = listShared(
        bundle as unknown as Record<string, BuiltScript>,
        (id) => (this.getModuleInfo(id)?.dynamicImporters.length ?? 0) > 0,
      );
      if (shared.length > 0) this.error(`Several modules on demand in one script: ${shared.join('; ')}`);
    },
  };
}
