"""``python -m manager``: the command flexvdi-manager."""

from manager.command_line import main

main()
