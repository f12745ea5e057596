"""Reading a kickstart into an InstallPlan, as a program: ``python -m kickstart.reader FILE``.

Only this package imports pykickstart (GPL-2.0-only). It runs in a process of its own, and nothing
else of the project imports it: :mod:`kickstart.reading` starts it and reads the JSON it prints.
The way through it: ``source`` (files, includes, where each line came from), ``parser``
(pykickstart's, with the commands of ``dialect``), then one module per topic that turns commands
into parts of the plan, and ``document`` which merges what the commands and the addon say.
"""
