//! A fresh database for each test: a SQLite file, or one on the PostgreSQL server that
//! `NUMSHOP_TEST_POSTGRES` names.

use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::{ConnectionTrait, Database as Connection};
use tempfile::TempDir;

/// A database that nobody else uses.
pub(crate) struct Database {
    url: String,
    place: Place,
}

enum Place {
    Folder(TempDir),
    Server { url: String, name: String },
}

impl Database {
    /// Empty; [`numshop::store::Store::open`] makes the tables.
    pub(crate) async fn fresh() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is where tests are configured"
        )]
        let server = std::env::var("NUMSHOP_TEST_POSTGRES");
        let Ok(server) = server else {
            return Self::sqlite();
        };
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "numshop_{}_{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let connection = Connection::connect(&server).await.unwrap();
        connection
            .execute_unprepared(&format!("CREATE DATABASE {name}"))
            .await
            .unwrap();
        connection.close().await.unwrap();
        let (base, _) = server.rsplit_once('/').unwrap();
        Self {
            url: format!("{base}/{name}"),
            place: Place::Server { url: server, name },
        }
    }

    /// A SQLite file, whatever the environment says.
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("numshop.db");
        Self {
            url: format!("sqlite://{}?mode=rwc", path.display()),
            place: Place::Folder(folder),
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Removes it; a test that failed leaves a server's database behind to be looked at.
    pub(crate) async fn drop(self) {
        match self.place {
            Place::Folder(folder) => folder.close().unwrap(),
            Place::Server { url, name } => {
                let connection = Connection::connect(&url).await.unwrap();
                connection
                    .execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)"))
                    .await
                    .unwrap();
                connection.close().await.unwrap();
            }
        }
    }
}
