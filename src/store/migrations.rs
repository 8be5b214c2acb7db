//! The tables' history, run in order, each step once.

use super::engine::{Database, Engine};
use super::error::StoreError;
use super::transaction::Tx;
use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use sqlx::Row;

/// One step: its name, and its text for either engine.
struct Migration {
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! migrations {
    ($($name:literal),* $(,)?) => {
        [$(Migration {
            name: $name,
            sqlite: include_str!(concat!("../../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../../migrations/postgres/", $name, ".sql")),
        }),*]
    };
}

/// Only ever added to: text that has run somewhere is never changed.
const MIGRATIONS: [Migration; 34] = migrations![
    "0001_begin",
    "0002_ari_id",
    "0003_positions",
    "0004_nodes",
    "0005_growth",
    "0006_allowance",
    "0007_people",
    "0008_links",
    "0009_invitations",
    "0010_audit",
    "0011_observations",
    "0012_views",
    "0013_access",
    "0014_triage",
    "0015_renewals",
    "0016_sharing",
    "0017_replays",
    "0018_work",
    "0019_uploads",
    "0020_identities",
    "0021_http",
    "0022_approvals",
    "0023_standing",
    "0024_report_mails",
    "0025_mailings",
    "0026_publishing",
    "0027_leftovers",
    "0028_upload_sharing",
    "0029_notices",
    "0030_webhooks",
    "0031_owed_reports",
    "0032_key_mails",
    "0033_agency_names",
    "0034_dangling"
];

const LEDGER: &str = "create table if not exists migrations (name text not null primary key, sha256 text not null)";
/// Several nodes may start at once on PostgreSQL: one migrates, however long the tables are, the others wait and find
/// nothing to do. The number is ours.
const LOCK: &str = "set local statement_timeout = 0; set local lock_timeout = 0; select pg_advisory_xact_lock(7013225)";
const RUN: &str = "select name, sha256 from migrations";
const NOTE: &str = "insert into migrations (name, sha256) values ($1, $2)";

/// Runs what has not run yet, all or nothing.
pub(super) async fn run(database: &Database) -> Result<(), StoreError> {
    let mut tx = database.begin().await?.unhurried();
    if database.engine() == Engine::Postgres {
        sqlx::raw_sql(LOCK).execute(&mut *tx).await?;
    }
    sqlx::raw_sql(LEDGER).execute(&mut *tx).await?;
    let done: Vec<(String, String)> = sqlx::query(RUN)
        .fetch_all(&mut *tx)
        .await?
        .iter()
        .map(|row| Ok((row.try_get("name")?, row.try_get("sha256")?)))
        .collect::<Result<_, sqlx::Error>>()?;
    for migration in &MIGRATIONS {
        let text = database.pick(migration.sqlite, migration.postgres);
        let sum = sum(text);
        match done.iter().find(|(name, _)| name == migration.name) {
            Some((_, ran)) if *ran == sum => {}
            Some(_) => return Err(StoreError::ForeignMigration(migration.name.to_owned())),
            None => step(&mut tx, migration.name, text, &sum).await?,
        }
    }
    tx.commit().await?;
    Ok(())
}

async fn step(tx: &mut Tx, name: &'static str, text: &'static str, sum: &str) -> Result<(), StoreError> {
    sqlx::raw_sql(text).execute(&mut **tx).await?;
    sqlx::query(NOTE).bind(name).bind(sum).execute(&mut **tx).await?;
    tracing::info!(migration.name = name, "the database was migrated");
    Ok(())
}

fn sum(text: &str) -> String {
    HEXLOWER.encode(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

#[cfg(test)]
mod tests {
    use super::MIGRATIONS;
    use std::collections::BTreeSet;

    #[test]
    fn both_engines_have_every_migration_and_no_other() {
        let listed: BTreeSet<String> = MIGRATIONS.iter().map(|migration| format!("{}.sql", migration.name)).collect();
        for engine in ["sqlite", "postgres"] {
            let folder = format!("{}/migrations/{engine}", env!("CARGO_MANIFEST_DIR"));
            let found: BTreeSet<String> = std::fs::read_dir(folder)
                .expect("the folder is there")
                .map(|file| file.expect("reads").file_name().to_string_lossy().into_owned())
                .collect();
            assert_eq!(found, listed, "{engine}");
        }
        assert!(MIGRATIONS.is_sorted_by_key(|migration| migration.name));
    }
}
