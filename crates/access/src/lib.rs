//! Who may do what: users, groups, projects, memberships with inherited levels, token scopes.
