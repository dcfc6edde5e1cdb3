import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const source = name => fileURLToPath(new URL(`src/${name}`, import.meta.url));

export default defineConfig({
  base: '/explorer/static/',
  resolve: {
    alias: [
      // monaco-graphql's list of editor features, as its own files and as GraphiQL name it
      { find: /^(\.|monaco-graphql\/esm)\/monaco-editor(\.js)?$/, replacement: source('monaco.js') },
      { find: /^prettier\/(plugins\/estree|parser-babel)$/, replacement: source('jsonc.js') },
    ],
  },
  build: {
    outDir: '../static',
    emptyOutDir: true,
    assetsInlineLimit: 0, // so that the page's Content-Security-Policy needs no font from a data: URL
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 4000,
    target: 'es2022',
    rolldownOptions: {
      onLog(level, log, report) {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log); // "use client" means nothing in one bundle
      },
    },
  },
  worker: { format: 'es' },
});
