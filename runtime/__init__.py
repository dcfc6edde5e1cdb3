"""What every part of the process stands on: a database driver held to its protocol, a watch over the event loop."""
