// Writes FILE.br and FILE.gz beside each file of a folder that gains by it, and prints the sizes: compress.mjs FOLDER
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const folder = process.argv[2];
const gains = new Set(['.wasm', '.js', '.css', '.svg', '.txt', '.json', '.html']);

for (const entry of readdirSync(folder, { recursive: true }).sort()) {
  const file = path.join(folder, entry);
  if (!gains.has(path.extname(file))) continue;
  const { mtime, size } = statSync(file);
  const brotli = `${file}.br`;
  if (!existsSync(brotli) || statSync(brotli).mtimeMs !== mtime.getTime()) {
    const content = readFileSync(file);
    write(`${file}.gz`, gzipSync(content, { level: 9 }), mtime);
    write(brotli, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: size } }), mtime);
  }
  console.log(`${entry.padEnd(32)} ${kilobytes(size)} raw ${kilobytes(statSync(brotli).size)} brotli`);
}

// The siblings carry their source's time, so that the next run sees what they were made from.
function write(file, content, mtime) {
  writeFileSync(file, content);
  utimesSync(file, mtime, mtime);
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`.padStart(10);
}
