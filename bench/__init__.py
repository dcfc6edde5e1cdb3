"""Measurements of speed: the executors, the servers a user would pick instead, growth and the exam season."""
