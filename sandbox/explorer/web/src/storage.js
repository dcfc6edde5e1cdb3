// Layout and theme outlive the page. Queries, variables, headers and history do not: they may name a citizen.
const KEPT = new Set(['theme', 'visiblePlugin', 'docExplorerFlex', 'editorFlex', 'secondaryEditorFlex'].map(key => `graphiql:${key}`));

/** A Storage for one GraphiQL that leaves nothing about a person in the browser. */
export function createStorage() {
  const forgotten = new Map();
  const storageOf = key =>
    KEPT.has(key)
      ? localStorage
      : {
          getItem: () => forgotten.get(key) ?? null,
          setItem: (_, value) => forgotten.set(key, value),
          removeItem: () => forgotten.delete(key),
        };
  return {
    getItem: key => storageOf(key).getItem(key),
    setItem: (key, value) => storageOf(key).setItem(key, value),
    removeItem: key => storageOf(key).removeItem(key),
    clear() {
      forgotten.clear();
      KEPT.forEach(key => localStorage.removeItem(key));
    },
    get length() {
      return forgotten.size + [...KEPT].filter(key => localStorage.getItem(key) !== null).length;
    },
  };
}
