"""The command line: one command a file, each wiring the parts it needs and importing them when it runs."""
