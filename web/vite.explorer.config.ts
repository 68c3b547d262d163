import { readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const out = join(import.meta.dirname, 'dist/explorer');

/** Leaves the scripts of explorer and editor the way explorer.go serves it: every file as NAME.gz, beside the manifest that names the first. */
function forGo(): Plugin {
  return {
    name: 'umland-for-go',
    apply: 'build',
    closeBundle() {
      renameSync(join(out, '.vite/manifest.json'), join(out, 'manifest.json'));
      rmSync(join(out, '.vite'), { recursive: true });
      for (const name of readdirSync(out)) {
        if (!/\.(js|mjs|css|svg)$/.test(name)) continue;
        const file = join(out, name);
        writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
        rmSync(file);
      }
    },
  };
}

export default defineConfig({
  base: '/assets/',
  publicDir: false,
  plugins: [forGo()],
  build: {
    outDir: out,
    emptyOutDir: true,
    assetsDir: '',
    assetsInlineLimit: 0,
    manifest: true,
    modulePreload: { polyfill: false },
    license: { fileName: 'licenses.md' },
    // The map is loaded only when it is shown.
    chunkSizeWarningLimit: 1500,
    rolldownOptions: { input: ['src/explorer/main.ts', 'src/redaktion/main.tsx'] },
  },
});
