"""Libraries: a subject that is none of ours, one file for each room that it needs, found by these rooms from here.
rooms.py moves it in; nothing else in the project names it."""
