"""A statement for each level of a subtree, as the product asks, beside the whole subtree in one statement."""
