import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';
import './style.css';
import { createRoot } from 'react-dom/client';
import { explorerPlugin } from '@graphiql/plugin-explorer';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { costly } from './cost';
import { CostLine } from './CostLine';
import { examples } from './examples';
import { ShareButton } from './ShareButton';
import { openStorage, startSession } from './storage';

const fetcher = createGraphiQLFetcher({
  url: '/graphql',
  // Also keeps to the Accept header application/graphql-response+json.
  enableIncrementalDelivery: false,
  fetch: costly,
  subscriptionUrl: `${location.origin.replace('http', 'ws')}/graphql`,
});
// No history plugin: it stores the headers of every request, whatever shouldPersistHeaders says.
const plugins = [explorerPlugin()];
const tabs = examples(new Date());
const storage = openStorage();
if (tabs[0]) startSession(storage, tabs[0]);

createRoot(document.getElementById('root')!).render(
  <GraphiQL
    fetcher={fetcher}
    plugins={plugins}
    storage={storage}
    defaultTabs={tabs}
    defaultEditorToolsVisibility
    shouldPersistHeaders={false}
    showPersistHeadersSettings={false}
  >
    <GraphiQL.Logo>
      <a className="umland-start" href="/">Umland</a> <a className="umland-licenses" href="licenses.md">Lizenzen</a>
    </GraphiQL.Logo>
    <GraphiQL.Toolbar>
      {({ prettify, copy, merge }) => (
        <>
          {prettify}
          {merge}
          {copy}
          <ShareButton />
          <CostLine />
        </>
      )}
    </GraphiQL.Toolbar>
  </GraphiQL>,
);
