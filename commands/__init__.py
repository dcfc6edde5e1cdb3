"""The commands of officers and developers: what `./lienthong audit`, `agreements`, `policy` and `plan` run.
A command reads, calls the rooms and prints; nothing imports it."""
