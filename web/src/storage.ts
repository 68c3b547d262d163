import type { Storage } from '@graphiql/toolkit';
import type { Example } from './examples';

/**
 * The storage that GraphiQL works on. It ends with the browser tab, so that nothing stays behind
 * on a shared computer; where the browser forbids it, it ends with the page.
 */
export function openStorage(): Storage {
  try {
    const probe = 'umland:probe';
    sessionStorage.setItem(probe, '');
    sessionStorage.removeItem(probe);
    return sessionStorage;
  } catch {
    const items = new Map<string, string>();
    return {
      get length() {
        return items.size;
      },
      getItem: (key) => items.get(key) ?? null,
      setItem: (key, value) => void items.set(key, value),
      removeItem: (key) => void items.delete(key),
      clear: () => items.clear(),
    };
  }
}

/**
 * Puts the first example's texts into the editors of a new session. GraphiQL fills its editors
 * from these entries and not from its tabs, and compares the two to find the open tab on reload.
 */
export function startSession(storage: Storage, first: Example): void {
  if (storage.getItem('graphiql:tabState') !== null) return;
  storage.setItem('graphiql:query', first.query);
  storage.setItem('graphiql:variables', first.variables ?? '');
}
