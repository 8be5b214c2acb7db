//! Somebody of a role who asks at every kind of door: with a token, with a session's cookie, and as a browser opens a page.

use super::doors::Door;
use super::node::Node;
use super::rest::Answer;
use padlock::domain::role::Role;

pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// The customer of roles that are bound to one.
pub(crate) const BOROUGH: &str = "Borough";
const FORM: &str = "application/x-www-form-urlencoded";

pub(crate) struct Asker {
    pub(crate) token: String,
    pub(crate) cookie: String,
}

impl Asker {
    /// Bound roles belong to Borough, to which nothing of County's exists.
    pub(crate) async fn with(node: &Node, role: Role) -> Self {
        let customer = (!role.sees_all_customers()).then_some(BOROUGH);
        let email = format!("{}@people.test", role.word());
        node.user(&email, role.word(), customer, PASSWORD);
        Self { token: node.token_for(role.word(), customer), cookie: node.sign_in(&email, PASSWORD).await }
    }

    /// Asks at a door about this thing, as a script does.
    pub(crate) async fn ask(&self, node: &Node, door: &Door, id: &str) -> Answer {
        self.call(node, door, id, "application/json").await
    }

    /// The same, as a browser sends a form.
    pub(crate) async fn submit(&self, node: &Node, door: &Door, id: &str) -> Answer {
        self.call(node, door, id, "text/html").await
    }

    /// Opens a page.
    pub(crate) async fn open(&self, node: &Node, path: &str) -> Answer {
        node.ask("GET", path, &[("cookie", &self.cookie), ("accept", "text/html")], "").await
    }

    /// Sends a form to a server function, and reads the answer as a script does.
    pub(crate) async fn send(&self, node: &Node, path: &str, form: &str) -> Answer {
        let (cookie, own) = (self.cookie.as_str(), node.setting("PADLOCK_PUBLIC_URL"));
        let headers = [("cookie", cookie), ("origin", own), ("accept", "application/json"), ("content-type", FORM)];
        node.ask("POST", path, &headers, form).await
    }

    async fn call(&self, node: &Node, door: &Door, id: &str, accept: &str) -> Answer {
        let (path, body) = door.call(id);
        let bearer = format!("Bearer {}", self.token);
        let own = node.setting("PADLOCK_PUBLIC_URL");
        let identity = if door.is_function() { ("cookie", self.cookie.as_str()) } else { ("authorization", &*bearer) };
        let headers = [identity, ("origin", own), ("accept", accept), ("content-type", door.kind())];
        node.ask(&door.method, &path, &headers, &body).await
    }
}
