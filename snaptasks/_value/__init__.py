"""What every value stands on.

Decides what immutable, equal, canonical, built and read mean (V-2 to V-14), and how a refusal is told.
Does not know any field, status or rule of the API.
"""
