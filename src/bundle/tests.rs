//! Files as OpenSSL makes them, and five hundred broken ones.

use super::flaw::Flaw;
use super::judge::{Warning, World, judge};
use super::read::{Handed, read};
use super::write::{self, Encoding};
use crate::domain::hostname::Hostname;
use crate::domain::time::{DAY_MS, Millis};
use crate::wire::certificate::CHAIN_PASSWORD;
use p12_keystore::Pkcs12Archive;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::process::Command;
use std::sync::OnceLock;
use zeroize::Zeroizing;

/// A folder in which OpenSSL has made a root, an intermediate and a server's certificate.
struct Workshop(tempfile::TempDir);

impl Workshop {
    /// Made once: the keys take the time.
    fn shared() -> &'static Self {
        static SHARED: OnceLock<Workshop> = OnceLock::new();
        SHARED.get_or_init(|| {
            let shop = Self(tempfile::tempdir().expect("a folder"));
            shop.write("ca.ext", "basicConstraints=critical,CA:true\n");
            shop.write(
                "leaf.ext",
                "basicConstraints=CA:false\nsubjectAltName=DNS:portal.court.test,DNS:*.agency.test\n",
            );
            for name in ["root", "inter", "leaf", "other"] {
                shop.openssl(&format!("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {name}.key"));
            }
            shop.openssl("req -x509 -new -key root.key -subj /O=Court/CN=Root -days 3650 -out root.pem");
            shop.issue("inter", "/O=Court/CN=Inter", "root", "ca.ext", "-days 3000");
            shop.issue("leaf", "/CN=portal.court.test", "inter", "leaf.ext", "-days 90");
            shop
        })
    }

    fn issue(&self, name: &str, subject: &str, issuer: &str, extensions: &str, more: &str) {
        self.openssl(&format!("req -new -key {name}.key -subj {subject} -out {name}.csr"));
        self.openssl(&format!(
            "x509 -req -in {name}.csr -CA {issuer}.pem -CAkey {issuer}.key -CAcreateserial -extfile {extensions} {more} -out {name}.pem"
        ));
    }

    fn openssl(&self, arguments: &str) {
        let made =
            Command::new("openssl").args(arguments.split(' ')).current_dir(self.0.path()).output().expect("openssl");
        assert!(made.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&made.stderr));
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.path().join(name), text).expect("writes");
    }

    fn file(&self, name: &str) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(std::fs::read(self.0.path().join(name)).expect(name))
    }

    fn files(&self, names: &[&str]) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(names.iter().flat_map(|name| self.file(name).to_vec()).collect())
    }

    /// A PFX file of leaf, intermediate and key.
    fn pfx(&self, name: &str, options: &str) -> Zeroizing<Vec<u8>> {
        self.openssl(&format!(
            "pkcs12 -export -inkey leaf.key -in leaf.pem -certfile inter.pem -passout pass:secret {options} -out {name}"
        ));
        self.file(name)
    }

    fn der(&self, name: &str) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(&self.file(name)).expect("a certificate")
    }
}

fn now() -> Millis {
    // Tests may ask the machine.
    #[expect(clippy::disallowed_methods, reason = "OpenSSL dates by the machine's clock")]
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    Millis(i64::try_from(since.as_millis()).expect("before 292 million") + 60_000)
}

fn judged(handed: &Handed, name: &str) -> Result<Vec<Warning>, Flaw> {
    judged_at(handed, name, now())
}

fn judged_at(handed: &Handed, name: &str, now: Millis) -> Result<Vec<Warning>, Flaw> {
    let shop = Workshop::shared();
    let hostname = Hostname::parse_form(name).expect("a name");
    let material = read(handed)?;
    let roots = [shop.der("root.pem")];
    let judged = judge(&material, &hostname, &World { known: &[], roots: &roots, now })?;
    let chain =
        CertificateDer::pem_slice_iter(judged.chain_pem.as_bytes()).collect::<Result<Vec<_>, _>>().expect("PEM");
    assert_eq!(chain, [shop.der("leaf.pem"), shop.der("inter.pem")]);
    Ok(judged.warnings)
}

fn pfx(file: &Zeroizing<Vec<u8>>, password: &str) -> Handed {
    Handed { pfx: file.clone(), password: Zeroizing::new(password.into()), ..Handed::default() }
}

#[test]
fn pfx_files_of_every_kind_are_read() {
    let shop = Workshop::shared();
    let kinds = [
        ("modern.pfx", "-iter 50"),
        ("legacy.pfx", "-legacy -iter 50"),
        ("triple.pfx", "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1 -iter 50"),
        ("open.pfx", "-keypbe AES-128-CBC -certpbe NONE -iter 50"),
        ("unsigned.pfx", "-nomac -iter 50"),
    ];
    for (name, options) in kinds {
        let file = shop.pfx(name, options);
        assert_eq!(judged(&pfx(&file, "secret"), "portal.court.test"), Ok(vec![]), "{name}");
        assert_eq!(judged(&pfx(&file, "wrong"), "portal.court.test"), Err(Flaw::Password { typed: true }), "{name}");
        assert_eq!(judged(&pfx(&file, ""), "portal.court.test"), Err(Flaw::Password { typed: false }), "{name}");
    }
}

#[test]
fn pem_files_are_read_in_any_order_with_any_kind_of_key() {
    let shop = Workshop::shared();
    shop.openssl("ec -in leaf.key -out leaf.sec1");
    shop.openssl("pkcs8 -topk8 -in leaf.key -passout pass:secret -iter 50 -out leaf.p8");
    shop.openssl("pkcs8 -topk8 -in leaf.key -passout pass:secret -scrypt -scrypt_N 64 -out leaf.scrypt");
    shop.openssl("pkcs8 -topk8 -in leaf.key -passout pass:secret -v2 des3 -v2prf hmacWithSHA1 -iter 50 -out leaf.des3");
    shop.openssl("pkcs8 -topk8 -in leaf.key -passout pass:secret -v1 PBE-SHA1-3DES -iter 50 -out leaf.old");
    for key in ["leaf.key", "leaf.sec1", "leaf.p8", "leaf.scrypt", "leaf.des3", "leaf.old"] {
        let one = Handed {
            certificate: shop.files(&[key, "root.pem", "inter.pem", "leaf.pem"]),
            password: Zeroizing::new("secret".into()),
            ..Handed::default()
        };
        assert_eq!(judged(&one, "x.agency.test"), Ok(vec![]), "{key}");
    }
    let apart = Handed {
        certificate: shop.file("leaf.pem"),
        intermediate: shop.file("inter.pem"),
        ca_bundle: shop.file("root.pem"),
        private_key: shop.file("leaf.key"),
        ..Handed::default()
    };
    assert_eq!(judged(&apart, "*.agency.test"), Ok(vec![]));
    shop.openssl("x509 -in leaf.pem -outform DER -out leaf.der");
    let binary = Handed { certificate: shop.file("leaf.der"), ..apart };
    assert_eq!(judged(&binary, "portal.court.test"), Ok(vec![]));
    let closed = Handed { private_key: shop.file("leaf.p8"), ..binary };
    assert_eq!(judged(&closed, "portal.court.test"), Err(Flaw::Password { typed: false }));
}

#[test]
fn what_is_wrong_is_said() {
    let shop = Workshop::shared();
    let name = "portal.court.test";
    let with = |names: &[&str]| Handed { certificate: shop.files(names), ..Handed::default() };
    let all = with(&["leaf.pem", "inter.pem", "leaf.key"]);
    let code = |handed: &Handed, name: &str, now| judged_at(handed, name, now).map_err(|flaw| flaw.code().word());
    let at = now();
    assert_eq!(code(&all, name, at), Ok(vec![]));
    assert_eq!(code(&with(&["leaf.pem", "inter.pem"]), name, at), Err("up_key_mismatch"));
    assert_eq!(code(&with(&["leaf.pem", "inter.pem", "other.key"]), name, at), Err("up_key_mismatch"));
    assert_eq!(code(&all, "other.court.test", at), Err("up_san"));
    assert_eq!(code(&all, "a.b.agency.test", at), Err("up_san"));
    assert_eq!(code(&all, name, at.plus(91 * DAY_MS)), Err("up_dates"));
    assert_eq!(code(&all, name, at.plus(-DAY_MS)), Err("up_dates"));
    assert_eq!(code(&with(&["leaf.pem", "leaf.key"]), name, at), Err("up_chain"));
    assert_eq!(code(&with(&["root.pem", "root.key"]), name, at), Err("up_chain"));
    assert_eq!(code(&with(&["root.pem", "inter.pem", "inter.key"]), name, at), Err("up_leafs"));
    assert_eq!(code(&Handed::default(), name, at), Err("up_unreadable"));
    let large = Handed { certificate: Zeroizing::new(vec![b'-'; super::flaw::BYTES + 1]), ..Handed::default() };
    assert_eq!(code(&large, name, at), Err("up_too_large"));

    shop.openssl("genrsa -out small.key 1024");
    shop.openssl("genrsa -3 -out cubic.key 2048");
    for weak in ["small", "cubic"] {
        shop.issue(weak, "/CN=portal.court.test", "inter", "leaf.ext", "-days 90");
        let handed = with(&[&format!("{weak}.pem"), "inter.pem", &format!("{weak}.key")]);
        assert_eq!(code(&handed, name, at), Err("up_weak"), "{weak}");
    }
    shop.openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out second.key");
    shop.issue("second", "/CN=portal.court.test", "inter", "leaf.ext", "-days 90");
    let two = with(&["leaf.pem", "second.pem", "inter.pem", "leaf.key"]);
    assert_eq!(code(&two, name, at), Err("up_leafs"));
    // The old way of encrypting PEM keys.
    shop.openssl("ec -in leaf.key -aes128 -passout pass:secret -out leaf.old-pem");
    assert_eq!(code(&with(&["leaf.pem", "inter.pem", "leaf.old-pem"]), name, at), Err("up_pfx_legacy"));
}

/// The bytes after those that are signed: the kind of signature once more, and how many bits of its last byte do not count.
#[test]
fn damage_that_no_signature_covers_is_found() {
    let shop = Workshop::shared();
    let (leaf, rest) = (shop.der("leaf.pem"), shop.files(&["inter.pem", "leaf.key"]));
    let kind = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
    let kind = leaf.windows(kind.len()).rposition(|part| part == kind).expect("ECDSA with SHA-256, outside");
    let unused = kind + 12;
    assert_eq!(leaf[unused..unused + 2], [0, 0x30], "no bit is unused, and a sequence follows");
    for (at, byte) in [(kind, 0x0a), (kind + 9, 0x03), (unused, 1)] {
        let mut damaged = leaf.to_vec();
        damaged[at] = byte;
        let mut file = pem::encode(&pem::Pem::new("CERTIFICATE", damaged)).into_bytes();
        file.extend_from_slice(&rest);
        let handed = Handed { certificate: Zeroizing::new(file), ..Handed::default() };
        let code = judged(&handed, "portal.court.test").map_err(|flaw| flaw.code().word());
        assert!(matches!(code, Err("up_unreadable" | "up_chain")), "byte {at}: {code:?}");
    }
}

#[test]
fn what_people_should_know_is_said() {
    let shop = Workshop::shared();
    let hostname = Hostname::parse_form("portal.court.test").expect("a name");
    let warned = |handed: &Handed, known: &[CertificateDer<'static>], roots: &[CertificateDer<'static>]| {
        let material = read(handed).expect("reads");
        judge(&material, &hostname, &World { known, roots, now: now() }).map(|judged| judged.warnings)
    };
    let bare = Handed { certificate: shop.files(&["leaf.pem", "leaf.key"]), ..Handed::default() };
    let roots = [shop.der("root.pem")];
    assert_eq!(warned(&bare, &[shop.der("inter.pem")], &roots), Ok(vec![Warning::Repaired(1)]));
    let own =
        Handed { certificate: shop.files(&["leaf.pem", "inter.pem", "root.pem", "leaf.key"]), ..Handed::default() };
    assert_eq!(warned(&own, &[], &[]), Ok(vec![Warning::PrivateRoot]));
    shop.openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out long.key");
    shop.issue("long", "/CN=portal.court.test", "inter", "leaf.ext", "-days 825");
    let long = Handed { certificate: shop.files(&["long.pem", "inter.pem", "long.key"]), ..Handed::default() };
    let found = warned(&long, &[], &roots).expect("judged");
    assert!(matches!(found.as_slice(), [Warning::TooLong { days: 825, .. }]), "{found:?}");
}

#[test]
fn what_would_take_too_long_is_not_begun() {
    let shop = Workshop::shared();
    // OpenSSL does it once, which is the proof that it takes time; we refuse without.
    let slow = shop.pfx("slow.pfx", "-iter 600001");
    assert_eq!(judged(&pfx(&slow, "secret"), "portal.court.test"), Err(Flaw::Costly));
    // OpenSSL makes no such file, so that one of its own is changed: N 16,384, and r 127 in place of 8.
    shop.openssl("pkcs8 -topk8 -in leaf.key -passout pass:secret -scrypt -scrypt_N 16384 -out leaf.usual");
    let mut der = pem::parse(shop.file("leaf.usual").as_slice()).expect("PEM").into_contents();
    let costs = [2, 2, 0x40, 0, 2, 1, 8];
    let at = der.windows(costs.len()).position(|window| window == costs).expect("its costs");
    der[at + 6] = 127;
    shop.write("leaf.greedy", &pem::encode(&pem::Pem::new("ENCRYPTED PRIVATE KEY", der)));
    let greedy = Handed {
        certificate: shop.files(&["leaf.pem", "leaf.greedy"]),
        password: Zeroizing::new("secret".into()),
        ..Handed::default()
    };
    assert_eq!(judged(&greedy, "portal.court.test"), Err(Flaw::Costly));
}

#[test]
fn openssl_reads_what_is_exported() {
    let shop = Workshop::shared();
    shop.openssl("pkcs8 -topk8 -nocrypt -in leaf.key -outform DER -out leaf.pkcs8");
    let chain = String::from_utf8(shop.files(&["leaf.pem", "inter.pem"]).to_vec()).expect("text");
    for (encoding, option) in [(Encoding::Modern, ""), (Encoding::Legacy, " -legacy")] {
        let file = write::pfx(&chain, &shop.file("leaf.pkcs8"), "portal.court.test", "twelve-letters", encoding);
        std::fs::write(shop.0.path().join("export.pfx"), &*file.expect("written")).expect("writes");
        shop.openssl(&format!("pkcs12 -in export.pfx -passin pass:twelve-letters -nodes{option} -out back.pem"));
        let back = Handed { certificate: shop.file("back.pem"), ..Handed::default() };
        assert_eq!(judged(&back, "portal.court.test"), Ok(vec![]), "{encoding:?}");
    }
    let open = Zeroizing::new([chain.as_bytes(), write::key_pem(&shop.file("leaf.pkcs8")).as_bytes()].concat());
    assert_eq!(judged(&Handed { certificate: open, ..Handed::default() }, "portal.court.test"), Ok(vec![]));
}

#[test]
fn openssl_reads_a_chain_without_its_key() {
    let shop = Workshop::shared();
    let chain = String::from_utf8(shop.files(&["leaf.pem", "inter.pem"]).to_vec()).expect("text");
    let file = write::chain_pfx(&chain, "*.agency.test", CHAIN_PASSWORD).expect("written");
    let archive = Pkcs12Archive::from_pkcs12(&file, CHAIN_PASSWORD).expect("opens");
    assert!(archive.keys.is_empty() && archive.secrets.is_empty());
    let found = archive.certs.iter().map(|bag| CertificateDer::from(bag.cert.as_der().to_vec())).collect::<Vec<_>>();
    assert_eq!(found, [shop.der("leaf.pem"), shop.der("inter.pem")], "the leaf first");
    assert_eq!(archive.certs[1].friendly_name.as_deref(), Some("*.agency.test 02"));

    std::fs::write(shop.0.path().join("chain.pfx"), &file).expect("writes");
    shop.openssl(&format!("pkcs12 -in chain.pfx -passin pass:{CHAIN_PASSWORD} -nodes -out chain.pem"));
    let back = String::from_utf8(shop.file("chain.pem").to_vec()).expect("text");
    let read = CertificateDer::pem_slice_iter(back.as_bytes()).collect::<Result<Vec<_>, _>>().expect("PEM");
    assert_eq!(read, found);
    assert!(!back.contains("PRIVATE KEY"), "{back}");
    assert!(write::chain_pfx("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", "x", "").is_err());
}

/// Five hundred files that are broken somewhere, each refused with words of its own or found to be as good as whole.
#[test]
fn broken_files_are_refused_in_words() {
    let shop = Workshop::shared();
    let whole = [
        shop.pfx("whole.pfx", "-iter 1 -nomaciter"),
        shop.pfx("whole-legacy.pfx", "-legacy -iter 1 -nomaciter"),
        shop.files(&["leaf.pem", "inter.pem", "leaf.key"]),
    ];
    let broken =
        (0..whole.len(), any::<prop::sample::Index>(), any::<u8>(), 0..4_u8).prop_map(|(which, at, byte, how)| {
            let mut file = whole[which].to_vec();
            let at = at.index(file.len());
            match how {
                0 => file.truncate(at),
                1 => file.insert(at, byte),
                2 => drop(file.drain(at..(at + usize::from(byte)).min(whole[which].len()))),
                _ => file[at] ^= byte | 1,
            }
            (which, Zeroizing::new(file))
        });
    let mut runner = TestRunner::new(Config { cases: 500, failure_persistence: None, ..Config::default() });
    let run = runner.run(&broken, |(which, file)| {
        let handed = match which {
            2 => Handed { certificate: file, ..Handed::default() },
            _ => pfx(&file, "secret"),
        };
        if let Err(flaw) = judged(&handed, "portal.court.test") {
            prop_assert!(flaw.code().word().starts_with("up_") && flaw.to_string().len() > 20);
        }
        Ok(())
    });
    run.expect("no panic, and words for each");
}
