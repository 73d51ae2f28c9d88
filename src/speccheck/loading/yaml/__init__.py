"""Read one YAML file into plain data with known positions; independent of what a spec is."""
