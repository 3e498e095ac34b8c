"""python -m api: the same as the casewright command."""

from api.cli import main

main()
