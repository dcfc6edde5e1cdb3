import { useEffect, useMemo, useState } from 'react';
import { GraphiQL } from 'graphiql';
import { HISTORY_PLUGIN } from '@graphiql/plugin-history';
import { explorerPlugin } from '@graphiql/plugin-explorer';
import { Denials } from './denials.jsx';
import { createFetcher } from './fetcher.js';
import { Header } from './header.jsx';
import { FollowPurpose, headingOf } from './purposes.jsx';
import { createSession } from './session.js';
import { createStorage } from './storage.js';
import './style.js';

const session = createSession();
const fetcher = createFetcher(session);
const plugins = [explorerPlugin({ showAttribution: false }), HISTORY_PLUGIN];

const PUBLIC_QUERIES = [
  {
    title: 'What can be asked without signing in | Có thể hỏi gì khi chưa đăng nhập',
    query: 'query WhatCanBeAsked {\n  __schema {\n    queryType {\n      fields {\n        name\n        description\n      }\n    }\n  }\n}',
  },
];

/** A persona's example as a tab of GraphiQL; variables come as an object. */
function tabOf({ query, variables, ...example }) {
  return {
    query: `${headingOf(example)}${query.trim()}\n`,
    variables: variables && Object.keys(variables).length > 0 ? JSON.stringify(variables, null, 2) : null,
  };
}

/** Say whether the sandbox issued a token for this caller, once it is known. */
function useTokenState(persona, purpose) {
  const [state, setState] = useState({ kind: 'public', text: '' });
  useEffect(() => {
    let current = true;
    const show = next => current && setState(next);
    session.actAs(persona && { persona: persona.name, purpose });
    session.headers().then(
      () => show(persona ? { kind: 'signed', text: persona.title.vi } : { kind: 'public', text: 'Dữ liệu công khai' }),
      error => show({ kind: 'failed', text: error.message }),
    );
    return () => { current = false; };
  }, [persona, purpose]);
  return state;
}

/** The whole page: who asks, and GraphiQL with that persona's examples as tabs. */
export function Page({ personas }) {
  const [persona, setPersona] = useState(null);
  const [purpose, setPurpose] = useState(null);
  const tokenState = useTokenState(persona, purpose);
  const examples = persona?.queries ?? PUBLIC_QUERIES;
  const tabs = useMemo(() => examples.map(tabOf), [examples]);
  const storage = useMemo(createStorage, [persona]);

  const pickPersona = name => {
    const picked = personas.find(each => each.name === name) ?? null;
    setPersona(picked);
    setPurpose(picked?.purposes[0] ?? null);
  };

  return (
    <>
      <Header {...{ personas, persona, purpose, tokenState }} onPersona={pickPersona} onPurpose={setPurpose} />
      <main>
        <GraphiQL
          key={persona?.name ?? ''}
          {...{ fetcher, plugins, storage }}
          defaultQuery=""
          defaultTabs={tabs.length > 0 ? tabs : undefined}
          initialVariables={tabs[0]?.variables ?? ''} // GraphiQL takes the first tab's query from it, not its variables
          showPersistHeadersSettings={false}
          inputValueDeprecation
          schemaDescription
        >
          <GraphiQL.Logo><></></GraphiQL.Logo>
          <GraphiQL.Footer>
            <FollowPurpose examples={examples} onPurpose={setPurpose} />
            <Denials />
          </GraphiQL.Footer>
        </GraphiQL>
      </main>
    </>
  );
}
