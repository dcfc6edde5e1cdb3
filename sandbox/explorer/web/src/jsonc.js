// Stands in for prettier's Babel parser and ESTree printer (540 kB), which GraphiQL loads only to indent the
// variables: a prettier plugin of one node, over the JSONC formatter that GraphiQL brings anyway.
import { applyEdits, format } from 'jsonc-parser';

const INDENT = { tabSize: 2, insertSpaces: true };

export const parsers = {
  jsonc: {
    astFormat: 'jsonc',
    parse: text => ({ text: applyEdits(text, format(text, undefined, INDENT)) }),
    locStart: () => 0,
    locEnd: ({ text }) => text.length,
  },
};

export const printers = { jsonc: { print: path => path.node.text } };
