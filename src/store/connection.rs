//! Connections that know the keys of their database.
//!
//! Invariant: whatever can read or write a sealed column has the keys with it.

use std::fmt;
use std::ops::Deref;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use crate::store::sealed::Keys;

/// A connection, or a transaction on one, with the keys of its database.
pub trait Keyed: ConnectionTrait {
    /// The keys.
    fn keys(&self) -> &Keys;
}

/// See [`Keyed`].
pub struct With<C> {
    inner: C,
    keys: Keys,
}

impl<C> With<C> {
    pub(super) const fn new(inner: C, keys: Keys) -> Self {
        Self { inner, keys }
    }

    pub(super) fn into_inner(self) -> C {
        self.inner
    }
}

impl<C: ConnectionTrait> Keyed for With<C> {
    fn keys(&self) -> &Keys {
        &self.keys
    }
}

impl<C: Clone> Clone for With<C> {
    fn clone(&self) -> Self {
        Self::new(self.inner.clone(), self.keys.clone())
    }
}

impl<C: fmt::Debug> fmt::Debug for With<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<C> Deref for With<C> {
    type Target = C;

    fn deref(&self) -> &C {
        &self.inner
    }
}

#[async_trait::async_trait]
impl<C: ConnectionTrait> ConnectionTrait for With<C> {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.inner.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.inner.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.inner.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.inner.query_all_raw(statement).await
    }

    fn support_returning(&self) -> bool {
        self.inner.support_returning()
    }
}
