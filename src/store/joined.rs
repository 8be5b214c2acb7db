//! Statements that are sent together.
//!
//! Each statement is a way to SQLite's thread and back, or to PostgreSQL's server: that costs more than most statements do, and
//! what is locked is held meanwhile. Those that nobody reads anything from wait for the next one.
//!
//! SQLite takes them one after the other, in one text. PostgreSQL takes one statement at a time when they have arguments, so
//! that they become parts of one `with`, which happen at once (its manual, 7.8.4): none sees what another did. So a statement
//! does not go with one whose table it looks at. Foreign keys are looked at when all parts have happened.

use super::engine::Engine;
use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe, Error, Execute, SqlStr};

/// Parts of one `with` at most.
const PARTS: usize = 16;

/// Statements that wait, and their arguments.
pub(super) struct Joined {
    engine: Engine,
    texts: Vec<String>,
    arguments: AnyArguments,
    once: bool,
    /// The first one must change a row, or none of them happens.
    guarded: bool,
    /// What PostgreSQL's do; none when one of them does anything else.
    writes: Option<Vec<Writes>>,
}

/// A statement that may wait.
pub(super) struct Part {
    text: SqlStr,
    arguments: AnyArguments,
    once: bool,
}

/// What a statement does to a table.
#[derive(Debug, PartialEq, Eq)]
struct Writes {
    table: String,
    /// It adds rows and changes none.
    adds: bool,
}

impl Part {
    pub(super) fn of<'q>(mut query: impl Execute<'q, Any>) -> Result<Self, Error> {
        let arguments = query.take_arguments().map_err(Error::Encode)?.unwrap_or_default();
        Ok(Self { once: !query.persistent(), arguments, text: query.sql() })
    }

    /// What it does, if it does nothing but write into one table.
    fn writes(&self) -> Option<Writes> {
        let text = self.text.as_str();
        let mut words = words(text);
        let (verb, second) = (words.next()?, words.next()?);
        let (table, adds) = match (verb, second) {
            ("insert", "into") => (words.next()?, !text.contains("do update")),
            ("delete", "from") => (words.next()?, false),
            ("update", table) => (table, false),
            _ => return None,
        };
        Some(Writes { table: table.to_owned(), adds })
    }

    /// Whether it would find the same before and after these, and change no row twice.
    fn goes_beside(&self, others: &[Writes]) -> bool {
        let Some(own) = self.writes() else { return false };
        others.iter().all(|other| {
            let adds_too = own.adds && other.adds && own.table == other.table;
            words(self.text.as_str()).filter(|word| *word == other.table).count() == usize::from(adds_too)
        })
    }
}

impl Joined {
    /// None waits.
    pub(super) fn on(engine: Engine) -> Self {
        let arguments = AnyArguments::default();
        Self { engine, texts: Vec::new(), arguments, once: false, guarded: false, writes: Some(Vec::new()) }
    }

    /// How many wait.
    pub(super) const fn statements(&self) -> usize {
        self.texts.len()
    }

    /// Whether they can go with those that wait.
    pub(super) fn takes(&self, parts: &[Part]) -> bool {
        if self.engine == Engine::Sqlite || self.texts.is_empty() {
            return true;
        }
        let fits = |others: &Vec<Writes>| parts.iter().all(|part| part.goes_beside(others));
        self.texts.len() + parts.len() <= PARTS && self.writes.as_ref().is_some_and(fits)
    }

    /// Begins with a statement that must change a row of this table. Whoever counts its rows divides by their number, before
    /// any other part has its turn.
    pub(super) fn guard(&mut self, part: Part, table: &str) {
        debug_assert!(self.engine == Engine::Postgres && self.texts.is_empty(), "the guard goes first");
        self.push(part);
        self.guarded = true;
        self.writes = Some(vec![Writes { table: table.to_owned(), adds: false }]);
    }

    /// Adds a statement to the others.
    pub(super) fn push(&mut self, part: Part) {
        if self.engine == Engine::Postgres {
            self.writes = self.writes.take().zip(part.writes()).map(|(mut others, own)| {
                others.push(own);
                others
            });
        }
        let Part { text, arguments, once } = part;
        self.once |= once;
        let mut renumbered = String::new();
        let highest = renumber(text.as_str(), self.arguments.values.0.len(), &mut renumbered);
        debug_assert!(
            highest <= arguments.values.0.len(),
            "an argument that is not bound would be the next statement's"
        );
        self.texts.push(renumbered);
        self.arguments.values.0.extend(arguments.values.0);
    }

    /// All of them as one; none waits after it.
    pub(super) fn take(&mut self) -> Query<'static, Any, AnyArguments> {
        let Self { engine, texts, arguments, once, guarded, .. } = std::mem::replace(self, Self::on(self.engine));
        let text = match engine {
            Engine::Sqlite => texts.join("; "),
            Engine::Postgres => side_by_side(&texts, guarded),
        };
        sqlx::query_with(AssertSqlSafe(text), arguments).persistent(!once)
    }
}

/// The first one, with the others as parts from the last to the second: so PostgreSQL takes their locks in their order.
fn side_by_side(texts: &[String], guarded: bool) -> String {
    let Some((first, others)) = texts.split_first() else { return String::new() };
    let others = others.iter().enumerate().rev().map(|(at, text)| format!("part_{} as ({text})", at + 2));
    let guard = guarded.then(|| format!("part_1 as ({first} returning 1)"));
    let parts: Vec<String> = others.chain(guard).collect();
    let with = if parts.is_empty() { String::new() } else { format!("with {} ", parts.join(", ")) };
    with + if guarded { "select 1 / count(*) from part_1" } else { first }
}

/// What a guard that found no row comes to: as none that was asked for.
pub(super) fn unguarded(error: Error) -> Error {
    const DIVISION_BY_ZERO: &str = "22012";
    let code = error.as_database_error().and_then(|error| error.code());
    if code.as_deref() == Some(DIVISION_BY_ZERO) { Error::RowNotFound } else { error }
}

/// The words of a statement: ours are written in lower case.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
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

    fn part(query: Query<'_, Any, AnyArguments>) -> Part {
        Part::of(query).unwrap()
    }

    #[test]
    fn what_looks_at_a_table_does_not_go_with_what_changed_it() {
        let mut joined = Joined::on(Engine::Postgres);
        let takes = |joined: &Joined, text: &'static str| joined.takes(&[part(sqlx::query(text))]);
        let mut add = |text| joined.push(part(sqlx::query(text).bind(1_i64)));
        add("insert into a (b) values ($1)");
        add("update c set d = $1");
        for fits in [
            "insert into a (b) select b from e",
            "insert into e (a_b) select c_d from f",
            "insert into f (b) values ($1) on conflict (b) do update set b = excluded.b",
            "delete from e where d = $1",
        ] {
            assert!(takes(&joined, fits), "{fits}");
        }
        for late in [
            "insert into a (b) select max(a.b) from e, a",
            "insert into a (b) values ($1) on conflict (b) do update set b = excluded.b",
            "insert into c (d) values ($1)",
            "update a set b = $1",
            "delete from a",
            "delete from e where b in (select d from c)",
            "select 1",
            "with x as (select 1) insert into e select * from x",
        ] {
            assert!(!takes(&joined, late), "{late}");
        }
        let many = || part(sqlx::query("insert into a (b) values ($1)").bind(1_i64));
        assert!(joined.takes(&[many(), many()]));
        (joined.statements()..PARTS).for_each(|_| joined.push(many()));
        assert!(!joined.takes(&[many()]), "there is an end");

        let mut alone = Joined::on(Engine::Postgres);
        alone.push(part(sqlx::query("select 1")));
        assert!(!alone.takes(&[many()]));
        assert!(Joined::on(Engine::Postgres).takes(&[part(sqlx::query("select 1"))]));
    }

    #[test]
    fn postgresql_takes_one_statement_of_several_parts() {
        let mut joined = Joined::on(Engine::Postgres);
        let add = || sqlx::query("insert into a (b, c) values ($2, $1)").bind(1_i64).bind(2_i64);
        joined.push(part(add()));
        assert_eq!(joined.take().sql().as_str(), "insert into a (b, c) values ($2, $1)");
        joined.push(part(add()));
        joined.push(part(add()));
        joined.push(part(sqlx::query("delete from d where e = $1").bind(3_i64)));
        let text = "with part_3 as (delete from d where e = $5), \
            part_2 as (insert into a (b, c) values ($4, $3)) insert into a (b, c) values ($2, $1)";
        assert_eq!(joined.take().sql().as_str(), text);

        let guard = || part(sqlx::query("update a set b = $1").bind(1_i64));
        joined.guard(guard(), "a");
        let text = "with part_1 as (update a set b = $1 returning 1) select 1 / count(*) from part_1";
        assert_eq!(joined.take().sql().as_str(), text);
        joined.guard(guard(), "a");
        assert!(!joined.takes(&[guard()]));
        joined.push(part(add()));
        let text = "with part_2 as (insert into a (b, c) values ($3, $2)), \
            part_1 as (update a set b = $1 returning 1) select 1 / count(*) from part_1";
        assert_eq!(joined.take().sql().as_str(), text);
    }

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
        let mut joined = Joined::on(Engine::Sqlite);
        joined.push(part(add().bind("x").bind(1_i64)));
        joined.push(part(add().bind("y").bind(None::<i64>)));
        joined.push(part(sqlx::query("update a set v = v + $1").bind(10_i64)));
        joined.push(part(add().bind("z").bind(3_i64)));
        assert_eq!(joined.statements(), 4);
        joined.take().execute(&mut connection).await.unwrap();
        assert_eq!(joined.statements(), 0);
        let rows = sqlx::query("select v from a order by k").fetch_all(&mut connection).await.unwrap();
        let values: Vec<Option<i64>> = rows.iter().map(|row| row.get(0)).collect();
        assert_eq!(values, [Some(11), None, Some(3)]);
        // An error of any of them is the error of all.
        joined.push(part(add().bind("w").bind(4_i64)));
        joined.push(part(add().bind("x").bind(5_i64)));
        let error = joined.take().execute(&mut connection).await.unwrap_err();
        assert!(error.as_database_error().is_some_and(|error| error.is_unique_violation()));
    }
}
