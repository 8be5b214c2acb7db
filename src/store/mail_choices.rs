//! What each person chose to be written about, and by which token a mail's links know them.
//!
//! The token opens nothing but these choices, and is kept as it is: every mail must name it anew.

use super::Store;
use super::error::StoreError;
use super::fresh::random;
use crate::domain::id::{CustomerId, UserId};
use crate::domain::setup::Token;
use crate::domain::time::Millis;
use crate::domain::topic::Topic;
use sqlx::Row as _;

/// Who wants mail about a topic `$2` of customer `$1`: managers unless they said otherwise, viewers when they said so.
macro_rules! wanting {
    ($columns:literal, $more:literal) => {
        concat!(
            "select ",
            $columns,
            " from memberships join users on users.id = memberships.user_id \
             left join mail_choices on mail_choices.user_id = memberships.user_id and mail_choices.topic = $2 \
             where memberships.customer = $1 and users.disabled_at is null \
             and coalesce(mail_choices.wanted, case memberships.role when 'manager' then 1 else 0 end) = 1",
            $more
        )
    };
}
pub(super) use wanting;
const EMAIL: &str = wanting!("users.email", " and users.id = $3");
const KEEP_TOKEN: &str =
    "insert into mail_tokens (user_id, token, created_at) values ($1, $2, $3) on conflict (user_id) do nothing";
const TOKEN: &str = "select token from mail_tokens where user_id = $1";
const BY_TOKEN: &str = "select user_id from mail_tokens where token = $1";
const CHOICES: &str = "select topic, wanted from mail_choices where user_id = $1";
const CHOOSE: &str = "insert into mail_choices (user_id, topic, wanted, chosen_at) values ($1, $2, $3, $4) \
    on conflict (user_id, topic) do update set wanted = excluded.wanted, chosen_at = excluded.chosen_at";

impl Store {
    /// A person's address, and the token by which their mails' links know them; none when they are gone, disabled, or want
    /// no such mail by now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mail_address(
        &self,
        user: &UserId,
        customer: &CustomerId,
        topic: Topic,
        now: Millis,
    ) -> Result<Option<(String, String)>, StoreError> {
        let wanting = sqlx::query(EMAIL).bind(customer.as_str()).bind(topic.word()).bind(user.as_str());
        let Some(row) = wanting.fetch_optional(self.database.reader()).await? else { return Ok(None) };
        let known = sqlx::query(TOKEN).bind(user.as_str()).fetch_optional(self.database.reader()).await?;
        if let Some(token) = known {
            return Ok(Some((row.try_get("email")?, token.try_get("token")?)));
        }
        let fresh = Token::from_random(random());
        let kept = sqlx::query(KEEP_TOKEN).bind(user.as_str()).bind(fresh.as_str()).bind(now.0);
        kept.execute(self.database.writer()).await?;
        let token = sqlx::query(TOKEN).bind(user.as_str()).fetch_one(self.database.writer()).await?;
        Ok(Some((row.try_get("email")?, token.try_get("token")?)))
    }

    /// The person that a mail's token is of.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user_by_mail_token(&self, token: &str) -> Result<Option<UserId>, StoreError> {
        let row = sqlx::query(BY_TOKEN).bind(token).fetch_optional(self.database.reader()).await?;
        row.map(|row| Ok(UserId::new(row.try_get::<String, _>("user_id")?))).transpose()
    }

    /// What a person chose; a topic that they never chose about is not among them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mail_choices(&self, user: &UserId) -> Result<Vec<(Topic, bool)>, StoreError> {
        let rows = sqlx::query(CHOICES).bind(user.as_str()).fetch_all(self.database.reader()).await?;
        let mut choices = Vec::new();
        for row in &rows {
            if let Some(topic) = Topic::from_word(&row.try_get::<String, _>("topic")?) {
                choices.push((topic, row.try_get::<i64, _>("wanted")? == 1));
            }
        }
        Ok(choices)
    }

    /// Keeps what a person chose.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn choose_mail(&self, user: &UserId, choices: &[(Topic, bool)], now: Millis) -> Result<(), StoreError> {
        let mut tx = self.database.begin().await?;
        for (topic, wanted) in choices {
            sqlx::query(CHOOSE)
                .bind(user.as_str())
                .bind(topic.word())
                .bind(i64::from(*wanted))
                .bind(now.0)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
