const GRAPHQL_RESPONSE = 'application/graphql-response+json';

/** GraphiQL's fetcher over this session. The schema is public, so introspection goes without credentials. */
export function createFetcher(session) {
  return async (operation, { headers } = {}) => {
    const credentials = operation.operationName === 'IntrospectionQuery' ? {} : await session.headers();
    const answer = await fetch('/graphql', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: GRAPHQL_RESPONSE, ...credentials, ...headers },
      body: JSON.stringify(operation),
    });
    const isJson = /[/+]json\b/.test(answer.headers.get('Content-Type') ?? '');
    if (!isJson) throw new Error(`the server answered HTTP ${answer.status} without a GraphQL response`);
    return answer.json();
  };
}
