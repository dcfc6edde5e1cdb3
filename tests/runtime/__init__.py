"""What every part of the process stands on."""
