//! What a fake CA is told to do wrong, by endpoint.

/// The resources of RFC 8555 §7.1 and RFC 9773.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Directory,
    NewNonce,
    NewAccount,
    Account,
    NewOrder,
    Order,
    Authorization,
    Challenge,
    Finalize,
    Certificate,
    RenewalInfo,
}

impl Endpoint {
    /// All that an order comes by, in this order.
    pub(crate) const WAY: [Self; 9] = [
        Self::Directory,
        Self::NewNonce,
        Self::NewAccount,
        Self::NewOrder,
        Self::Order,
        Self::Authorization,
        Self::Challenge,
        Self::Finalize,
        Self::Certificate,
    ];
}

/// One thing that goes wrong with a request.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// Refused with a problem document, and nothing else happens.
    Refused { status: u16, word: &'static str, retry_after: Option<&'static str> },
    /// Answered like this, by something that stands before the CA.
    Answered { status: u16, headers: Vec<(&'static str, String)>, body: String },
    /// Done; the connection is closed before the answer.
    AnswerLost,
    /// Done; the connection is closed in the middle of the answer's body.
    AnswerCut,
    /// Done; the answer's body comes a byte at a time, slowly.
    AnswerDripping,
}

impl Fault {
    pub(crate) const fn refused(status: u16, word: &'static str) -> Self {
        Self::Refused { status, word, retry_after: None }
    }

    /// A proxy's words, in no language that a client understands.
    pub(crate) fn unavailable() -> Self {
        Self::Answered { status: 503, headers: Vec::new(), body: "<html>busy</html>".into() }
    }

    pub(crate) fn junk(body: &str) -> Self {
        Self::Answered { status: 200, headers: Vec::new(), body: body.into() }
    }
}

/// What is to go wrong, and how often yet.
#[derive(Default)]
pub(super) struct Script(Vec<(Endpoint, Fault, usize)>);

impl Script {
    pub(super) fn add(&mut self, endpoint: Endpoint, fault: Fault, times: usize) {
        self.0.push((endpoint, fault, times));
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// What goes wrong with this request.
    pub(super) fn next(&mut self, endpoint: Endpoint) -> Option<Fault> {
        let (_, fault, left) = self.0.iter_mut().find(|(at, _, left)| *at == endpoint && *left > 0)?;
        *left -= 1;
        Some(fault.clone())
    }
}
