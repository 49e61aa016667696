//! A fresh database for each test: a SQLite file, or one on the PostgreSQL server that
//! `NUMSHOP_TEST_POSTGRES` names.

use std::sync::atomic::{AtomicU32, Ordering};

use numshop::store::sealed::keyfile::DataKey;
use sea_orm::{ConnectOptions, ConnectionTrait, Database as Connection, DatabaseConnection};
use tempfile::TempDir;

/// What the shop seals with in tests.
pub(crate) const KEY: &str = "YSBrZXkgZm9yIG51bXNob3AncyB0ZXN0cyBhbG9uZSE";

/// The same as a setting.
pub(crate) fn key() -> DataKey {
    DataKey::Given(KEY.into())
}

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

    /// The SQLite file `shop.db` in a folder that was furnished before.
    pub(crate) fn at(folder: TempDir) -> Self {
        Self {
            url: format!("sqlite://{}/shop.db", folder.path().display()),
            place: Place::Folder(folder),
        }
    }

    /// Where its file is, if it has one.
    pub(crate) fn folder(&self) -> Option<&std::path::Path> {
        match &self.place {
            Place::Folder(folder) => Some(folder.path()),
            Place::Server { .. } => None,
        }
    }

    /// Its name on a server.
    pub(crate) fn name(&self) -> &str {
        match &self.place {
            Place::Folder(_) => panic!("a file has no name on a server"),
            Place::Server { name, .. } => name,
        }
    }

    /// Copies a database on the same server that nobody uses.
    pub(crate) async fn copy(&self, from: &str, to: &str) {
        self.on_server(&format!("CREATE DATABASE {to} TEMPLATE {from}"))
            .await;
    }

    /// Removes a database from the same server.
    pub(crate) async fn remove(&self, name: &str) {
        self.on_server(&format!("DROP DATABASE {name} WITH (FORCE)"))
            .await;
    }

    async fn on_server(&self, command: &str) {
        let Place::Server { url, .. } = &self.place else {
            panic!("a file is on no server");
        };
        let connection = Connection::connect(url).await.unwrap();
        connection.execute_unprepared(command).await.unwrap();
        connection.close().await.unwrap();
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A connection of its own, past the store: for reading and for doing harm.
    pub(crate) async fn connect(&self) -> DatabaseConnection {
        let mut options = ConnectOptions::new(self.url.clone());
        options.max_connections(1).sqlx_logging(false);
        Connection::connect(options).await.unwrap()
    }

    /// A connection to any file.
    pub(crate) async fn connect_to(file: &std::path::Path) -> DatabaseConnection {
        let mut options = ConnectOptions::new(format!("sqlite://{}", file.display()));
        options.max_connections(1).sqlx_logging(false);
        Connection::connect(options).await.unwrap()
    }

    /// Whether it is a file.
    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(self.place, Place::Folder(_))
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
