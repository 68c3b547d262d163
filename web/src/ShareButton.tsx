import { useEffect, useRef, useState } from 'react';
import { ToolbarButton, useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { decode, encode, type Shared } from './share';

/**
 * The toolbar button that puts the open query into the address and the clipboard. It also opens
 * such an address: in a tab of its own, without headers, and without running it.
 */
export function ShareButton() {
  const { queryEditor, variableEditor, headerEditor, tabs } = useGraphiQL((state) => ({
    queryEditor: state.queryEditor,
    variableEditor: state.variableEditor,
    headerEditor: state.headerEditor,
    tabs: state.tabs,
  }));
  const { addTab, changeTab, updateActiveTabValues } = useGraphiQLActions();
  const [message, setMessage] = useState('');
  const openTabs = useRef(tabs);
  openTabs.current = tabs;

  // Not again when the tabs change: the address then holds the link that was shared, not one to open.
  useEffect(() => {
    if (!queryEditor || !variableEditor || !headerEditor) return;
    const open = () => {
      const shared = decode(location.hash);
      if (!shared) return;
      history.replaceState(null, '', location.pathname + location.search);
      const known = openTabs.current.findIndex(
        (tab) => tab.query === shared.query && (tab.variables ?? '') === shared.variables,
      );
      if (known >= 0) {
        changeTab(known);
        return;
      }
      addTab();
      // The tab hears of a change in an editor with a delay, and may not be the open one by then.
      updateActiveTabValues(shared);
      queryEditor.setValue(shared.query);
      variableEditor.setValue(shared.variables);
    };
    open();
    window.addEventListener('hashchange', open);
    return () => window.removeEventListener('hashchange', open);
  }, [queryEditor, variableEditor, headerEditor, addTab, changeTab, updateActiveTabValues]);

  useEffect(() => {
    if (!message) return;
    const timer = setTimeout(() => setMessage(''), 4000);
    return () => clearTimeout(timer);
  }, [message]);

  const share = async () => {
    const shared: Shared = { query: queryEditor?.getValue() ?? '', variables: variableEditor?.getValue() ?? '' };
    const fragment = encode(shared);
    if (fragment === null) {
      setMessage('Zu lang für einen Link');
      return;
    }
    history.replaceState(null, '', fragment);
    try {
      await navigator.clipboard.writeText(location.href);
      setMessage('Link kopiert');
    } catch {
      // Without HTTPS, or when the browser denies it, there is no clipboard.
      setMessage('Link steht in der Adresszeile');
    }
  };

  return (
    <>
      <ToolbarButton label="Link teilen (ohne Header)" onClick={share}>
        <svg className="graphiql-toolbar-icon" viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.4" aria-hidden="true">
          <path d="M6.5 9.5a3 3 0 0 0 4.3 0l2.3-2.3a3 3 0 0 0-4.3-4.3l-.9.9M9.5 6.5a3 3 0 0 0-4.3 0L2.9 8.8a3 3 0 0 0 4.3 4.3l.9-.9" />
        </svg>
      </ToolbarButton>
      <div className="umland-message" role="status">{message}</div>
    </>
  );
}
