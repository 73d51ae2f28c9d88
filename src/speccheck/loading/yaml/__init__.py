"""YAML of one file to plain data whose positions are known; nothing here knows of specs."""
