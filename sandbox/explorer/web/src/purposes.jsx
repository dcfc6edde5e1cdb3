import { useEffect } from 'react';
import { pick, useGraphiQL } from '@graphiql/react';

/** The line by which a tab is known as an example, whatever has been changed below it. */
export function headingOf({ title }) {
  return `# ${title}\n`;
}

/** Asks for the purpose of an example when its tab comes into view; other tabs leave the purpose as it is. */
export function FollowPurpose({ examples, onPurpose }) {
  const { tabs, activeTabIndex } = useGraphiQL(pick('tabs', 'activeTabIndex'));
  const tab = tabs[activeTabIndex];
  useEffect(() => {
    const shown = examples.find(each => tab?.query?.startsWith(headingOf(each)));
    if (shown?.purpose) onPurpose(shown.purpose);
  }, [tab?.id, examples, onPurpose]); // not on each change of the text: a purpose that was picked stays
  return null;
}
