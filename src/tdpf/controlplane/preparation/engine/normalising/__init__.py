"""Values as towns write them, turned into values of the standards; each answer says by which rule, or why not."""
