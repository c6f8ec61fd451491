/**
 * Builds dist/. `tsc` has checked the types and written the declarations; this bundles what runs: Node spends a third of a start on
 * finding and opening hundreds of small files. All entries are one bundle in shared chunks, so no class exists twice.
 *
 * ajv and jose, which every start needs, are in the bundle; `dependencies` pins their versions anyway. Names are kept, and a comment before each
 * part names its file. With `node --enable-source-maps dist/server.js`, stack traces name the lines of the source.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';

const ENTRIES = [
  ...[
    'server.ts',
    'index.ts',
    'wire/index.ts',
    'client/index.ts',
    'walkthrough/main.ts',
    'walkthrough/lesson.ts',
  ],
  // Threads, which start from a file of their own.
  ...[
    'services/registry/check/thread-worker.ts',
    'demo/database/embedded-worker.ts',
    'app/own-tools/version-hook.ts',
  ],
];
const BUNDLED = ['ajv', 'jose'];
const { dependencies, optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
const packages = Object.keys({ ...dependencies, ...optionalDependencies });

/** A file in a chunk still finds what stands beside it: `import.meta.url` is where the file would be without a bundle. */
const DIST = '"dist:/';
const ownUrl = {
  name: 'own-url',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
      const file = relative('src', path).replaceAll('\\', '/').replace(/\.ts$/, '.js');
      const url = `new URL(${DIST}${file}", import.meta.url).href`;
      return { contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', url), loader: 'ts' };
    });
  },
};

const { outputFiles, metafile } = await build({
  entryPoints: ENTRIES.map((file) => join('src', file)),
  outbase: 'src',
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  sourcesContent: false,
  external: packages.filter((name) => !BUNDLED.includes(name)),
  plugins: [ownUrl],
  metafile: true,
  write: false,
});

mkdirSync('dist/chunks', { recursive: true });
for (const { path, text } of outputFiles) {
  const toDist = relative(dirname(path), resolve('dist')).replaceAll('\\', '/') || '.';
  writeFileSync(path, text.replaceAll(DIST, `"${toDist}/`));
}
// Chunks of earlier builds, and what tsc emitted before there was a bundle.
const written = new Set(outputFiles.map(({ path }) => path));
for (const path of readdirSync('dist', { recursive: true }))
  if (/\.js(\.map)?$/.test(path) && !written.has(resolve('dist', path))) rmSync(join('dist', path));
cpSync('src/pages/browser', 'dist/pages/browser', { recursive: true });

// Their licenses ask for it.
const bundled = Object.keys(metafile.inputs).flatMap(
  (path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [],
);
const licenses = [...new Set(bundled)].sort().map((folder) => {
  const file = readdirSync(folder).find((name) => /^licen[sc]e/i.test(name));
  return `${folder.slice('node_modules/'.length)}\n\n${readFileSync(join(folder, file), 'utf8')}`;
});
writeFileSync('dist/chunks/LICENSES.txt', licenses.join('\n\n'));
