//! Statements that are sent together, where that is worth it.
//!
//! Each statement is a way to SQLite's thread and back: two changes of thread, which cost more than most statements do, and
//! the one writer is held meanwhile. Those that nobody reads anything from wait for the next one and go as one text.
//! PostgreSQL takes one statement at a time when they have arguments.

use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe, Error, Execute};

/// Statements that wait: as one text, and their arguments.
#[derive(Default)]
pub(super) struct Joined {
    text: String,
    arguments: AnyArguments,
    statements: usize,
    once: bool,
}

impl Joined {
    /// Begins with a statement that has no arguments.
    pub(super) fn of(statement: &str) -> Self {
        Self { text: statement.to_owned(), statements: 1, ..Self::default() }
    }

    /// How many wait.
    pub(super) const fn statements(&self) -> usize {
        self.statements
    }

    /// Adds a statement after the others.
    pub(super) fn push<'q>(&mut self, mut query: impl Execute<'q, Any>) -> Result<(), Error> {
        let arguments = query.take_arguments().map_err(Error::Encode)?.unwrap_or_default();
        if self.statements > 0 {
            self.text.push_str("; ");
        }
        self.statements += 1;
        self.once |= !query.persistent();
        let highest = renumber(query.sql().as_str(), self.arguments.values.0.len(), &mut self.text);
        debug_assert!(
            highest <= arguments.values.0.len(),
            "an argument that is not bound would be the next statement's"
        );
        self.arguments.values.0.extend(arguments.values.0);
        Ok(())
    }

    /// All of them as one; none waits after it.
    pub(super) fn take(&mut self) -> Query<'static, Any, AnyArguments> {
        let Self { text, arguments, once, .. } = std::mem::take(self);
        sqlx::query_with(AssertSqlSafe(text), arguments).persistent(!once)
    }
}

/// Appends a statement whose arguments come after so many others; gives its highest number. Our statements hold no `$` but
/// those of arguments.
fn renumber(statement: &str, before: usize, text: &mut String) -> usize {
    let mut highest = 0;
    let mut parts = statement.split('$');
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = part.split_at(digits);
        text.push('$');
        match number.parse::<usize>() {
            Ok(number) => {
                highest = highest.max(number);
                text.push_str(&(number + before).to_string());
            }
            Err(_) => text.push_str(number),
        }
        text.push_str(rest);
    }
    highest
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::{AnyConnection, Connection as _, Row as _};

    #[test]
    fn arguments_are_numbered_on() {
        let mut text = String::new();
        renumber("update a set b = $2, c = $11 where d = $1 and e = $2", 9, &mut text);
        assert_eq!(text, "update a set b = $11, c = $20 where d = $10 and e = $11");
        text.clear();
        renumber("delete from a", 3, &mut text);
        assert_eq!(text, "delete from a");
    }

    #[tokio::test]
    async fn all_of_them_happen_in_their_order_with_arguments_of_their_own() {
        sqlx::any::install_default_drivers();
        let folder = tempfile::TempDir::new().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("a.db").display());
        let mut connection = AnyConnection::connect(&url).await.unwrap();
        sqlx::query("create table a (k text primary key, v bigint)").execute(&mut connection).await.unwrap();
        let add = || sqlx::query("insert into a (v, k) values ($2, $1)");
        let mut joined = Joined::default();
        joined.push(add().bind("x").bind(1_i64)).unwrap();
        joined.push(add().bind("y").bind(None::<i64>)).unwrap();
        joined.push(sqlx::query("update a set v = v + $1").bind(10_i64)).unwrap();
        joined.push(add().bind("z").bind(3_i64)).unwrap();
        assert_eq!(joined.statements(), 4);
        joined.take().execute(&mut connection).await.unwrap();
        assert_eq!(joined.statements(), 0);
        let rows = sqlx::query("select v from a order by k").fetch_all(&mut connection).await.unwrap();
        let values: Vec<Option<i64>> = rows.iter().map(|row| row.get(0)).collect();
        assert_eq!(values, [Some(11), None, Some(3)]);
        // An error of any of them is the error of all.
        joined.push(add().bind("w").bind(4_i64)).unwrap();
        joined.push(add().bind("x").bind(5_i64)).unwrap();
        let error = joined.take().execute(&mut connection).await.unwrap_err();
        assert!(error.as_database_error().is_some_and(|error| error.is_unique_violation()));
    }
}
