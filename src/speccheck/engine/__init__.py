"""The engine: plan a run, have each measurement made once, and assemble the record.

A command imports the modules that it needs: to put entries in order takes no executor.
"""
