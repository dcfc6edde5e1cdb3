"""The servers a user would pick instead, the database they share with us, and the queries they all answer."""
