"""The same stack as local processes, and every command of the Makefile: ``python3 -m native COMMAND``.

Needs nothing but the standard library: it runs before anything is installed. Read it in this order:

========================  ==============================================================================
``__main__``, ``commands``  the version check, and what each command does
``settings``, ``run_dir``   what is to run: ``.env`` and the environment; where it keeps its files
``mode``                    containers or local processes, and why
``setup``                   what has to be there first: ``venv`` and ``packages``
``programs``                the local processes, a table; ``redis`` and ``nginx`` write configurations
``supervisor``              the process that keeps them running
``orphans``, ``processes``  whom it, or one of them, has left behind
``local``, ``containers``   the two ways to run the stack: up, down, status, logs
``health``, ``addresses``   when it is up, and where
``interrupts``, ``problem``, ``terminal``   what a person does and reads
``suite``, ``lint``, ``load``, ``bench``, ``lock``   the developer's commands
========================  ==============================================================================
"""
