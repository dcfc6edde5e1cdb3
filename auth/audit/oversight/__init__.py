"""Officers' view of the record: search, minimisation report, alarms.
Nothing here takes or returns a person."""
