/**
 * What the page reads in files, as JSON: `node tests/upload/embedded/read-files.mjs FILE…`, in the page's folder. A test in
 * Python compares it with what the library reads (`tests/renditions/embedded/test_page_reading.py`).
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'vite';
import { trimExifReader } from '../../../vite/exif-reader.ts';

const server = await createServer({
  configFile: false,
  logLevel: 'error',
  plugins: [trimExifReader()],
  server: { middlewareMode: true, ws: false },
  optimizeDeps: { noDiscovery: true },
  // As in the page: the library's modules, without what the plugin leaves out.
  ssr: { noExternal: ['exifreader'] },
});
const { readEmbedded } = await server.ssrLoadModule('/src/upload/embedded/read-embedded.ts');
const answers = [];
for (const path of process.argv.slice(2)) {
  answers.push(await readEmbedded(Uint8Array.from(readFileSync(path)).buffer));
}
console.log(JSON.stringify(answers));
await server.close();
