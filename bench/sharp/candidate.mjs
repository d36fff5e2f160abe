// sharp in a process of its own: `node candidate.mjs MODE [fine]`, with the commands of bench/candidates.py.
// MODE is one of
//   calls  two renditions from the file, as two requests would make them
//   same   the same, in the format of the file
//   chain  240p from the pixels of 720p
//   jpeg   240p from the JPEG of 720p
// `fine` turns off the fast shrinking in the decoder, which can leave less than 45 dB.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import sharp from 'sharp';

sharp.concurrency(1);
sharp.cache(false);
const mode = process.argv[2];
const fastShrinkOnLoad = process.argv[3] !== 'fine';
const quality = 80;
const sizes = { '720p': 720, '240p': 240 };
const widest = { '720p': 5120, '240p': 1706 };

function scaled(input, name, options) {
  return sharp(input, { limitInputPixels: false, sequentialRead: true, ...options })
    .rotate()
    .resize({
      width: widest[name],
      height: sizes[name],
      fit: 'inside',
      withoutEnlargement: true,
      fastShrinkOnLoad,
    })
    .flatten({ background: 'white' });
}

async function raw(picture) {
  const { data, info } = await picture
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return [data, { raw: { width: info.width, height: info.height, channels: info.channels } }];
}

function encoded(picture, path) {
  if (mode === 'same' && path.endsWith('.png')) return picture.png().toBuffer();
  if (mode === 'same' && path.endsWith('.webp')) return picture.webp({ quality }).toBuffer();
  return picture.jpeg({ quality, optimiseCoding: true }).toBuffer();
}

// Hands each picture to `use`, which answers with what became of it.
async function pictures(path, use) {
  const data = readFileSync(path);
  if (mode === 'chain') {
    const pixels = await raw(scaled(data, '720p'));
    return [await use('720p', sharp(...pixels)), await use('240p', scaled(pixels[0], '240p', pixels[1]))];
  }
  const large = await use('720p', scaled(data, '720p'));
  const from = mode === 'jpeg' ? (large.jpeg ?? (await encoded(scaled(data, '720p'), path))) : data;
  return [large, await use('240p', scaled(from, '240p'))];
}

async function run(path) {
  const before = process.cpuUsage();
  const made = await pictures(path, async (_, picture) => {
    const jpeg = await encoded(picture, path);
    return { jpeg, bytes: jpeg.length };
  });
  const { user, system } = process.cpuUsage(before);
  return [((user + system) / 1e3).toFixed(3), ...made.map(({ bytes }) => bytes)].join('\t');
}

async function pixels(path, folder) {
  await pictures(path, async (name, picture) => {
    const [data, options] = await raw(picture);
    writeFileSync(join(folder, `${name}-${options.raw.width}x${options.raw.height}.rgb`), data);
    return {};
  });
  return 'written';
}

function peak() {
  return /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1];
}

for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...rest] = line.split('\t');
  if (command === 'pixels') console.log(await pixels(...rest));
  else if (command === 'peak') console.log(peak());
  else console.log(await run(command));
}
