import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const dist = join(import.meta.dirname, 'dist');

/**
 * Leaves dist the way web.go embeds it: every file below assets only as NAME.gz, and the
 * committed placeholder that lets the Go package compile before the first build.
 */
function forGo(): Plugin {
  return {
    name: 'umland-for-go',
    apply: 'build',
    closeBundle() {
      const assets = join(dist, 'assets');
      for (const name of readdirSync(assets)) {
        const file = join(assets, name);
        writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
        rmSync(file);
      }
      writeFileSync(join(dist, '.gitkeep'), '');
    },
  };
}

export default defineConfig({
  base: './',
  worker: { format: 'es' },
  plugins: [forGo()],
  build: {
    outDir: dist,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    license: { fileName: 'licenses.md' },
    // Monaco alone is past the default warning size; it is loaded in chunks of its own.
    chunkSizeWarningLimit: 5000,
    rolldownOptions: {
      // "use client" in the libraries means something to React servers only.
      onLog: (level, log, handle) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
      },
    },
  },
});
