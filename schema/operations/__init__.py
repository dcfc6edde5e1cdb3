"""One operation from admittance to the answer: quota, deadline, charge, answer limit, `extensions.access`.
Every way in passes operation.py: no shortcut around it."""
