import { useMemo } from 'react';
import { pick, useGraphiQL } from '@graphiql/react';

/** The denials of a response as GraphiQL shows it (JSON text). */
function denialsOf(response) {
  try {
    return JSON.parse(response)?.extensions?.access?.denials ?? [];
  } catch {
    return []; // GraphiQL also shows plain text there: an error of its own, or nothing yet
  }
}

function Denial({ coordinate, code, rule, citation, obtain, count, message }) {
  return (
    <li className="denial">
      <h3>
        <code>{coordinate}</code>
        <span className="code">{code}</span>
        {count != null && <span className="count">{count === 1 ? '1 record' : `${count} records`}</span>}
      </h3>
      {message && <p>{message}</p>}
      <dl>
        {citation && <><dt>Legal basis</dt><dd>{citation}</dd></>}
        {obtain && <><dt>To obtain access</dt><dd>{obtain}</dd></>}
        {rule && <><dt>Rule</dt><dd><code>{rule}</code></dd></>}
      </dl>
    </li>
  );
}

/** What the policy withheld from the response of the tab in view. */
export function Denials() {
  const { tabs, activeTabIndex } = useGraphiQL(pick('tabs', 'activeTabIndex'));
  const response = tabs[activeTabIndex]?.response;
  const denials = useMemo(() => denialsOf(response), [response]);
  if (denials.length === 0) return null;
  return (
    <details className="denials" id="denials" open>
      <summary>
        Withheld from you <span className="total">{denials.length}</span>
      </summary>
      <ul>
        {denials.map(denial => (
          <Denial key={`${denial.coordinate} ${denial.code} ${denial.rule}`} {...denial} />
        ))}
      </ul>
    </details>
  );
}
