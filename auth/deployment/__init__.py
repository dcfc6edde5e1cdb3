"""What a deployment decides: settings, their forms and names, and the check that its secrets are those of the state.
A new setting is a row in settings.py and in docs/operating.md; the server reads the environment nowhere else."""
