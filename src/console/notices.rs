//! Use cases of the choice of mails: at one's account, and by the link in a mail.

use super::desk::Desk;
use super::{Console, broken};
use crate::domain::id::UserId;
use crate::domain::role::{Act, Role};
use crate::domain::topic::Topic;
use crate::wire::error::{Kind, Refusal};
use crate::wire::notices::{ChoiceView, UnsubscribeView};

impl Desk {
    /// What the person is written about.
    ///
    /// # Errors
    /// `not_a_person` for a token.
    pub async fn mail_choices(&self) -> Result<Vec<ChoiceView>, Refusal> {
        self.caller.must(Act::See)?;
        let chosen = self.console.store.mail_choices(&self.person()?).await.map_err(|e| broken(&e))?;
        // As the statement has it that adds a notice.
        let usual = self.caller.role == Role::Manager;
        let view = |topic: Topic| ChoiceView {
            topic: topic.word().into(),
            label: topic.label().into(),
            wanted: chosen.iter().find(|(known, _)| *known == topic).map_or(usual, |(_, wanted)| *wanted),
        };
        Ok(Topic::CHOICES.map(view).into())
    }

    /// Chooses: the topics that are named are wanted, the others are not.
    ///
    /// # Errors
    /// `not_a_person` for a token.
    pub async fn choose_mail(&self, wanted: &[String]) -> Result<(), Refusal> {
        self.caller.must(Act::See)?;
        let choices = Topic::CHOICES.map(|topic| (topic, wanted.iter().any(|word| word == topic.word())));
        let chosen = self.console.store.choose_mail(&self.person()?, &choices, self.console.clock.now()).await;
        chosen.map_err(|e| broken(&e))
    }

    fn person(&self) -> Result<UserId, Refusal> {
        self.caller.user.clone().ok_or_else(|| {
            Refusal::new(Kind::Forbidden, "not_a_person", "Only people choose mails: a token receives none.")
        })
    }
}

/// A topic that people can choose to hear less of.
fn choice(word: &str) -> Option<Topic> {
    Topic::from_word(word).filter(|topic| topic.is_choice())
}

impl Console {
    /// What the link in a mail offers to end.
    ///
    /// # Errors
    /// `not_found` when the token is nobody's.
    pub async fn unsubscribing(&self, token: &str, topic: &str) -> Result<UnsubscribeView, Refusal> {
        self.mailed(token).await?;
        let topic = choice(topic);
        Ok(UnsubscribeView { topic: topic.map(|topic| topic.label().to_owned()) })
    }

    /// Ends mails about a topic, or about every one when none is named.
    ///
    /// # Errors
    /// `not_found` when the token is nobody's.
    pub async fn unsubscribe(&self, token: &str, topic: &str) -> Result<(), Refusal> {
        let user = self.mailed(token).await?;
        let ended: Vec<(Topic, bool)> = match choice(topic) {
            Some(topic) => vec![(topic, false)],
            None => Topic::CHOICES.map(|topic| (topic, false)).into(),
        };
        self.store.choose_mail(&user, &ended, self.clock.now()).await.map_err(|e| broken(&e))
    }

    async fn mailed(&self, token: &str) -> Result<UserId, Refusal> {
        let found = self.store.user_by_mail_token(token).await.map_err(|e| broken(&e))?;
        found.ok_or_else(Refusal::not_found)
    }
}
