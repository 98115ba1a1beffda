"""The judge: pure functions from responses to points, with a trace. Exact fractions, no clock, no database."""
