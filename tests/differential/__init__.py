"""The plan against the reference executor: the same answers, denials and errors, whatever breaks."""
