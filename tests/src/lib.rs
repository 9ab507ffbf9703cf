//! Journeys that drive the built product from outside; see the files in `tests/tests`.
