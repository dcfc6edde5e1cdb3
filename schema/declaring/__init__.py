"""What types are declared with: fields, enums, scalars, lists, paging and provenance.
Everybody uses it, it knows no subject; enum values are those of the canonical records."""
