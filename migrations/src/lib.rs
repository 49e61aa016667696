//! The schema of the database, one file a migration.
