"""How much may be asked: quotas, the harvest guard, the query budget, and the state that replicas share.
A limit is counted before anything is read; a new one needs both kinds of shared state."""
