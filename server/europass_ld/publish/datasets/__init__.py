"""Datasets: lists, versions, reports, coverage, the catalogue."""
