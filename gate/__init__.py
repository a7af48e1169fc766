"""The release gate: runs the stages, keeps their evidence, judges it and reports."""
