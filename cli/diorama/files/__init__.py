"""Reading and writing files: exports, manifests, scratch directories, YAML."""
