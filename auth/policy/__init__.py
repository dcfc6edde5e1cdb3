"""What may be seen: rules in Cedar, the decisions they give each profile, and the words of a denial (denials.py).
Rules live in policies/, code here; imports nothing of agreements, consents or the audit record."""
