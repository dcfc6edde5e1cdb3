"""Stored values into canonical ones: conversion, partial dates, codes, comparison.
Pure functions: nothing here calls a register."""
