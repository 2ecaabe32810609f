"""Build the foundation of every value.

Decides what immutable, equal, canonical, built and read mean (V-2 to V-14), and how violations are reported.
Does not know any field, status or rule of the API.
"""
