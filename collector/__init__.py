"""The collector at the district: receives, judges, tells."""
