"""The built-in loaders of subjects, one module each; light to import."""
