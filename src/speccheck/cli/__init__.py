"""The command line: one module per command; each imports the parts it needs when it runs."""
