"""The machine this program runs on, reached through its standard daemons."""
