"""Whether entries outlive the process that wrote them."""
