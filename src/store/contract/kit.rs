//! A fresh database for one case.

use super::postgres::Server;
use crate::store::seal::MasterKey;
use crate::store::{Store, fresh};
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

/// A store on an empty database, gone when dropped.
pub(super) struct Kit {
    pub(super) store: Store,
    pub(super) url: String,
    place: Place,
}

enum Place {
    Folder(tempfile::TempDir),
    Server(Arc<Server>, String),
}

impl Kit {
    pub(super) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("padlock.db").display());
        Self::at(url, Place::Folder(folder)).await
    }

    pub(super) async fn postgres(server: &Arc<Server>) -> Self {
        let name = format!("padlock_{}", fresh::random_name().replace('-', ""));
        server.run(&format!("create database {name}")).await;
        Self::at(server.url(&name), Place::Server(server.clone(), name)).await
    }

    async fn at(url: String, place: Place) -> Self {
        let store = Self::open(&url).await;
        store.migrate().await.expect("migrates");
        Self { store, url, place }
    }

    /// A process on another database, with the same master key.
    pub(super) async fn open(url: &str) -> Store {
        let master = MasterKey::from_bytes(Zeroizing::new([7; 32]));
        Store::open(url, master).await.expect("opens")
    }

    /// Another process on the same database.
    pub(super) async fn another(&self) -> Store {
        Self::open(&self.url).await
    }

    /// Where the database's files lie, when they are files of ours.
    pub(super) fn folder(&self) -> Option<&Path> {
        match &self.place {
            Place::Folder(folder) => Some(folder.path()),
            Place::Server(..) => None,
        }
    }

    /// Changes the database behind the store's back.
    pub(super) async fn meddle(&self, statement: &str) {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(self.store.database.writer()).await.expect("meddles");
    }
}

impl Drop for Kit {
    fn drop(&mut self) {
        if let Place::Server(server, name) = &self.place {
            server.forget(name);
        }
    }
}
