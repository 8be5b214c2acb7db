//! The update as a message, and the judgement of its answer.

use super::{Algorithm, PublishProblem, UpdateKey};
use crate::domain::publishing::{Planned, Step};
use crate::domain::recipe::TTL_S;
use crate::domain::record::RecordType as Kind;
use crate::domain::time::{Millis, SECOND_MS};
use hickory_resolver::proto::op::{Message, MessageType, OpCode, Query, ResponseCode, UpdateMessage};
use hickory_resolver::proto::rr::rdata::tsig::TsigAlgorithm;
use hickory_resolver::proto::rr::rdata::{CNAME, TXT};
use hickory_resolver::proto::rr::{DNSClass, Name, RData, Record, RecordType, TSigVerifier, TSigner};
use std::fmt::Display;

/// Clocks may differ by this much, in seconds (RFC 8945 §10).
const FUDGE_S: u16 = 300;
/// Bytes of one string of a text (RFC 1035 §3.3).
const STRING_BYTES: usize = 255;

/// An update on its way.
pub(super) struct Update {
    id: u16,
    verifier: Option<TSigVerifier>,
}

impl Update {
    /// Signs the message that makes a plan's changes.
    pub(super) fn new(key: &UpdateKey, plan: &[Planned], now: Millis) -> Result<(Vec<u8>, Self), PublishProblem> {
        let mut message = unsigned(key, plan)?;
        let algorithm = match key.algorithm {
            Algorithm::HmacSha256 => TsigAlgorithm::HmacSha256,
            Algorithm::HmacSha384 => TsigAlgorithm::HmacSha384,
            Algorithm::HmacSha512 => TsigAlgorithm::HmacSha512,
        };
        let signer = TSigner::new(key.secret.to_vec(), algorithm, name(&key.name)?, FUDGE_S).map_err(unwritable)?;
        let at = now.0.div_euclid(SECOND_MS).unsigned_abs();
        let verifier = message.finalize(&signer, at).map_err(unwritable)?;
        Ok((message.to_vec().map_err(unwritable)?, Self { id: message.metadata.id, verifier }))
    }

    /// What the server said. Whoever changes an answer on its way can make it look refused, never done.
    pub(super) fn judge(&mut self, answer: &[u8]) -> Result<(), PublishProblem> {
        let said = Message::from_vec(answer).map_err(|_| PublishProblem::Silent(None))?;
        let ours = said.metadata.id == self.id
            && said.metadata.op_code == OpCode::Update
            && said.metadata.message_type == MessageType::Response;
        if !ours {
            return Err(PublishProblem::Silent(None));
        }
        match said.metadata.response_code {
            ResponseCode::NoError => {}
            ResponseCode::YXDomain | ResponseCode::YXRRSet | ResponseCode::NXRRSet | ResponseCode::NXDomain => {
                return Err(PublishProblem::Changed);
            }
            code @ (ResponseCode::NotAuth
            | ResponseCode::BADSIG
            | ResponseCode::BADKEY
            | ResponseCode::BADTIME
            | ResponseCode::BADTRUNC) => return Err(PublishProblem::Key(code.to_string())),
            code => return Err(PublishProblem::Refused(code.to_string())),
        }
        let signed = self.verifier.as_mut().is_some_and(|verifier| verifier.verify(answer).is_ok());
        if signed { Ok(()) } else { Err(PublishProblem::Key("its answer is not signed by it".to_owned())) }
    }
}

fn unsigned(key: &UpdateKey, plan: &[Planned]) -> Result<Message, PublishProblem> {
    let zone = name(&key.zone)?;
    let mut message = Message::query();
    message.metadata.op_code = OpCode::Update;
    message.metadata.recursion_desired = false;
    message.add_zone(Query::query(zone.clone(), RecordType::SOA));
    for Planned { wanted, step } in plan.iter().filter(|planned| planned.step.writes()) {
        let host = name(&wanted.host)?;
        if !zone.zone_of(&host) {
            return Err(PublishProblem::Unwritable(format!("{host} is not in {zone}")));
        }
        let data = |value: &str| data(wanted.rtype, value);
        match step {
            Step::Add => message.add_pre_requisite(free(host.clone(), wanted.rtype)),
            Step::Replace { old } => {
                let old = Record::from_rdata(host.clone(), 0, data(old)?);
                let mut gone = old.clone();
                gone.dns_class = DNSClass::NONE;
                // An alias must be the one that we put; of several texts, ours is taken out.
                if wanted.rtype == Kind::Cname {
                    message.add_pre_requisite(old);
                }
                message.add_update(gone);
            }
            Step::InPlace | Step::Occupied { .. } => {}
        }
        message.add_update(Record::from_rdata(host, TTL_S, data(&wanted.value)?));
    }
    Ok(message)
}

/// The condition under which a record may be added: for an alias that nothing stands there, for a text that no alias does
/// (RFC 2136 §2.4.3 and §2.4.5).
fn free(host: Name, rtype: Kind) -> Record {
    let unwanted = if rtype == Kind::Cname { RecordType::ANY } else { RecordType::CNAME };
    let mut record = Record::update0(host, 0, unwanted).into_record_of_rdata();
    record.dns_class = DNSClass::NONE;
    record
}

fn data(rtype: Kind, value: &str) -> Result<RData, PublishProblem> {
    Ok(match rtype {
        Kind::Cname => RData::CNAME(CNAME(name(value)?)),
        Kind::Txt => RData::TXT(TXT::from_bytes(value.as_bytes().chunks(STRING_BYTES).collect())),
        Kind::A => RData::A(value.parse().map_err(unwritable)?),
        Kind::Aaaa => RData::AAAA(value.parse().map_err(unwritable)?),
    })
}

fn name(text: &str) -> Result<Name, PublishProblem> {
    let mut name = Name::from_ascii(text).map_err(unwritable)?;
    name.set_fqdn(true);
    Ok(name)
}

fn unwritable(error: impl Display) -> PublishProblem {
    PublishProblem::Unwritable(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::record::{Purpose, Wanted};
    use proptest::prelude::*;
    use zeroize::Zeroizing;

    fn key() -> UpdateKey {
        UpdateKey {
            server: "192.0.2.1:53".parse().expect("an address"),
            zone: "court.test".into(),
            name: "padlock".into(),
            algorithm: Algorithm::HmacSha256,
            secret: Zeroizing::new(vec![7; 32]),
        }
    }

    fn planned(host: &str, rtype: Kind, value: &str, step: Step) -> Planned {
        let wanted = Wanted { purpose: Purpose::Dcv, rtype, host: host.into(), value: value.into() };
        Planned { wanted, step }
    }

    fn plan() -> Vec<Planned> {
        vec![
            planned("_padlock.pay.court.test", Kind::Txt, &"x".repeat(300), Step::Add),
            planned(
                "_acme-challenge.pay.court.test",
                Kind::Cname,
                "new.dcv.test",
                Step::Replace { old: "old.dcv.test".into() },
            ),
            planned("pay.court.test", Kind::Cname, "edge.test", Step::Occupied { found: vec!["192.0.2.9".into()] }),
        ]
    }

    #[test]
    fn each_change_has_its_condition_and_nothing_else_is_touched() {
        let message = unsigned(&key(), &plan()).expect("writes");
        let said = |records: &[Record]| -> Vec<(String, DNSClass, RecordType)> {
            records.iter().map(|one| (one.name.to_string(), one.dns_class, one.record_type())).collect()
        };
        let (text, dcv) = ("_padlock.pay.court.test.".to_owned(), "_acme-challenge.pay.court.test.".to_owned());
        assert_eq!(
            said(message.prerequisites()),
            [(text.clone(), DNSClass::NONE, RecordType::CNAME), (dcv.clone(), DNSClass::IN, RecordType::CNAME)]
        );
        assert_eq!(
            said(message.updates()),
            [
                (text, DNSClass::IN, RecordType::TXT),
                (dcv.clone(), DNSClass::NONE, RecordType::CNAME),
                (dcv, DNSClass::IN, RecordType::CNAME)
            ]
        );
    }

    #[test]
    fn names_outside_the_zone_are_not_written() {
        let outside = [planned("pay.county.test", Kind::Cname, "edge.test", Step::Add)];
        assert!(matches!(unsigned(&key(), &outside), Err(PublishProblem::Unwritable(_))));
    }

    #[test]
    fn an_unsigned_success_is_none() {
        let now = Millis(1_700_000_000_000);
        let (bytes, mut update) = Update::new(&key(), &plan(), now).expect("signs");
        let sent = Message::from_vec(&bytes).expect("reads");
        assert!(sent.signature().is_some());
        let mut answer = Message::response(sent.metadata.id, OpCode::Update);
        let judged = update.judge(&answer.to_vec().expect("writes"));
        assert!(matches!(judged, Err(PublishProblem::Key(_))), "{judged:?}");
        answer.metadata.response_code = ResponseCode::YXDomain;
        assert!(matches!(update.judge(&answer.to_vec().expect("writes")), Err(PublishProblem::Changed)));
        answer.metadata.response_code = ResponseCode::Refused;
        assert!(matches!(update.judge(&answer.to_vec().expect("writes")), Err(PublishProblem::Refused(_))));
        answer.metadata.id ^= 1;
        assert!(matches!(update.judge(&answer.to_vec().expect("writes")), Err(PublishProblem::Silent(None))));
    }

    proptest! {
        #[test]
        fn no_answer_is_a_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..300), ours: bool) {
            let (sent, mut update) = Update::new(&key(), &plan(), Millis(0)).expect("signs");
            if ours && bytes.len() > 4 {
                bytes[..2].copy_from_slice(&sent[..2]);
                bytes[2] = 0xa8;
                bytes[3] = 0;
            }
            prop_assert!(update.judge(&bytes).is_err());
        }
    }
}
