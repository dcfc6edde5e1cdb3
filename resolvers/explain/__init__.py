"""What an operation would come to and what policy would release, without anybody's data.
Nothing here calls a register."""
