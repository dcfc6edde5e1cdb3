const RENEW_BEFORE_EXPIRY_MS = 30_000;

async function issueToken(caller) {
  const answer = await fetch('/sandbox/token', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(caller),
  });
  if (!answer.ok) throw new Error(`the sandbox issued no token (HTTP ${answer.status})`);
  const { access_token, expires_in } = await answer.json();
  return { value: access_token, renewAt: Date.now() + expires_in * 1000 - RENEW_BEFORE_EXPIRY_MS };
}

/**
 * Who the page asks as. A caller is {persona, purpose}, or null for nobody.
 * The token lives in this closure only: never in a URL, a cookie or the browser's storage.
 */
export function createSession() {
  let caller = null;
  let token = null;

  return {
    /** Ask as this caller from now on. */
    actAs(next) {
      caller = next;
      token = null;
    },

    /**
     * The headers that authenticate the caller of now, whoever is picked while they come: none for nobody.
     * Rejects if the sandbox issues no token.
     */
    async headers() {
      if (caller === null) return {};
      const asked = caller;
      let held = token;
      if (held === null || held.renewAt < Date.now()) {
        held = await issueToken(asked);
        if (asked === caller) token = held;
      }
      const purpose = asked.purpose ? { Purpose: asked.purpose } : {};
      return { Authorization: `Bearer ${held.value}`, ...purpose };
    },
  };
}
