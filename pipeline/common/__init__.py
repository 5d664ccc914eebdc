"""What every room may use: records, taxonomy, configuration, errors, files, locks, cache, progress, parallel work."""
