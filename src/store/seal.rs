//! Sealing: how private keys and CA credentials lie in the database, and the master key that opens them.
//!
//! Each secret has a data key of its own, made fresh and wrapped by the master key, so that a new master key means
//! wrapping 32 bytes anew and never touching a secret. Both layers are AES-256-GCM, bound to what the secret belongs to:
//! a sealed value that is copied to another row does not open. The plain bytes are wiped when dropped.

use super::fresh::random;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::digest;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use zeroize::Zeroizing;

/// Of the envelope's form; the first byte of every sealed value.
const VERSION: u8 = 1;
const KEY_BYTES: usize = 32;
const TAG_BYTES: usize = 16;
/// Enough of a fingerprint to tell master keys apart while one replaces another.
const FINGERPRINT_BYTES: usize = 8;
const WRAPPED_BYTES: usize = NONCE_LEN + KEY_BYTES + TAG_BYTES;
const HEAD_BYTES: usize = 1 + FINGERPRINT_BYTES + WRAPPED_BYTES;

/// The key that wraps every data key. It lies in a file beside the database, never in it.
pub struct MasterKey {
    bytes: Zeroizing<[u8; KEY_BYTES]>,
    fingerprint: [u8; FINGERPRINT_BYTES],
}

/// Why there is no master key.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyProblem {
    /// The file can't be read or made.
    #[error("the master key file {path} can't be used")]
    File {
        /// Which file.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Others may read it.
    #[error("the master key file {path} can be read by others (mode {mode:o}): make it 0600")]
    Open {
        /// Which file.
        path: String,
        /// Its permissions.
        mode: u32,
    },
    /// It does not hold 32 bytes.
    #[error("the master key file {path} does not hold {KEY_BYTES} bytes")]
    Length {
        /// Which file.
        path: String,
    },
}

/// Why a sealed value did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealProblem {
    /// Not an envelope of ours.
    #[error("it has not the form of a sealed value")]
    Form,
    /// Sealed under another master key.
    #[error("it was sealed with another master key")]
    OtherMaster,
    /// Changed, or moved to where it does not belong.
    #[error("it was changed, or belongs elsewhere")]
    Refused,
}

impl MasterKey {
    /// Reads the file, or makes it with 32 fresh random bytes and mode 0600 when there is none.
    ///
    /// # Errors
    /// When it can't be read or made, is readable by group or others, or holds something else.
    pub fn load_or_create(path: &Path) -> Result<Self, MasterKeyProblem> {
        let file_problem = |source| MasterKeyProblem::File { path: path.display().to_string(), source };
        match File::open(path) {
            Ok(file) => Self::read(path, file),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                create(path).map_err(file_problem)?;
                Self::load(path)
            }
            Err(error) => Err(file_problem(error)),
        }
    }

    /// Reads the file, which must be there.
    ///
    /// # Errors
    /// When it can't be read, is readable by group or others, or holds something else.
    pub fn load(path: &Path) -> Result<Self, MasterKeyProblem> {
        let file =
            File::open(path).map_err(|source| MasterKeyProblem::File { path: path.display().to_string(), source })?;
        Self::read(path, file)
    }

    fn read(path: &Path, mut file: File) -> Result<Self, MasterKeyProblem> {
        let shown = || path.display().to_string();
        let file_problem = |source| MasterKeyProblem::File { path: shown(), source };
        let mode = file.metadata().map_err(file_problem)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(MasterKeyProblem::Open { path: shown(), mode });
        }
        // One byte more than there may be, to notice a longer file.
        let mut bytes = Zeroizing::new([0; KEY_BYTES + 1]);
        let mut length = 0;
        loop {
            match file.read(&mut bytes[length..]).map_err(file_problem)? {
                0 => break,
                more => length += more,
            }
        }
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        if length != KEY_BYTES {
            return Err(MasterKeyProblem::Length { path: shown() });
        }
        key.copy_from_slice(&bytes[..KEY_BYTES]);
        Ok(Self::from_bytes(key))
    }

    pub(super) fn from_bytes(bytes: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        let mut fingerprint = [0; FINGERPRINT_BYTES];
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(b"padlock master key");
        context.update(bytes.as_slice());
        fingerprint.copy_from_slice(&context.finish().as_ref()[..FINGERPRINT_BYTES]);
        Self { bytes, fingerprint }
    }

    /// Seals `plain`, bound to `place`: what it belongs to, part by part.
    pub(super) fn seal(&self, place: &[&str], plain: &[u8]) -> Result<Vec<u8>, SealProblem> {
        let bound = bind(place);
        let data_key: Zeroizing<[u8; KEY_BYTES]> = Zeroizing::new(random());
        let mut sealed = self.head(&bound, &data_key)?;
        encrypt(&data_key, &bound, plain, &mut sealed)?;
        Ok(sealed)
    }

    /// Opens what [`MasterKey::seal`] sealed for the same `place`.
    pub(super) fn open(&self, place: &[&str], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealProblem> {
        let bound = bind(place);
        let (data_key, body) = self.data_key(&bound, sealed)?;
        decrypt(&data_key, &bound, body)
    }

    /// Wraps the data key of what `old` sealed for this `place` anew; the secret itself stays as it is.
    pub(super) fn rewrap(&self, old: &Self, place: &[&str], sealed: &[u8]) -> Result<Vec<u8>, SealProblem> {
        let bound = bind(place);
        let (data_key, body) = old.data_key(&bound, sealed)?;
        let mut wrapped = self.head(&bound, &data_key)?;
        wrapped.extend_from_slice(body);
        Ok(wrapped)
    }

    /// Whether this key wrapped the value's data key.
    pub(super) fn wrapped(&self, sealed: &[u8]) -> bool {
        sealed.get(1..=FINGERPRINT_BYTES).is_some_and(|fingerprint| fingerprint == self.fingerprint)
    }

    fn head(&self, bound: &[u8], data_key: &[u8; KEY_BYTES]) -> Result<Vec<u8>, SealProblem> {
        let mut head = Vec::with_capacity(HEAD_BYTES);
        head.push(VERSION);
        head.extend_from_slice(&self.fingerprint);
        encrypt(&self.bytes, bound, data_key, &mut head)?;
        Ok(head)
    }

    /// The data key, unwrapped, and what it encrypts.
    fn data_key<'a>(
        &self,
        bound: &[u8],
        sealed: &'a [u8],
    ) -> Result<(Zeroizing<[u8; KEY_BYTES]>, &'a [u8]), SealProblem> {
        let (head, body) = sealed.split_at_checked(HEAD_BYTES).ok_or(SealProblem::Form)?;
        if head[0] != VERSION {
            return Err(SealProblem::Form);
        }
        if !self.wrapped(sealed) {
            return Err(SealProblem::OtherMaster);
        }
        let unwrapped = decrypt(&self.bytes, bound, &head[1 + FINGERPRINT_BYTES..])?;
        let mut data_key = Zeroizing::new([0; KEY_BYTES]);
        if unwrapped.len() != KEY_BYTES {
            return Err(SealProblem::Form);
        }
        data_key.copy_from_slice(&unwrapped);
        Ok((data_key, body))
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// Additional data: version, then each part after its length, so that no two places read alike.
fn bind(place: &[&str]) -> Vec<u8> {
    let mut bound = vec![VERSION];
    for part in place {
        bound.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bound.extend_from_slice(part.as_bytes());
    }
    bound
}

fn cipher(key: &[u8; KEY_BYTES]) -> Result<LessSafeKey, SealProblem> {
    UnboundKey::new(&AES_256_GCM, key).map(LessSafeKey::new).map_err(|_| SealProblem::Form)
}

/// Appends nonce, ciphertext and tag.
fn encrypt(key: &[u8; KEY_BYTES], bound: &[u8], plain: &[u8], sealed: &mut Vec<u8>) -> Result<(), SealProblem> {
    let nonce: [u8; NONCE_LEN] = random();
    let mut text = Zeroizing::new(plain.to_vec());
    let tag = cipher(key)?
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(bound), &mut text)
        .map_err(|_| SealProblem::Refused)?;
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&text);
    sealed.extend_from_slice(tag.as_ref());
    Ok(())
}

fn decrypt(key: &[u8; KEY_BYTES], bound: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealProblem> {
    let (nonce, text) = sealed.split_at_checked(NONCE_LEN).ok_or(SealProblem::Form)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealProblem::Form)?;
    let mut text = Zeroizing::new(text.to_vec());
    let length =
        cipher(key)?.open_in_place(nonce, Aad::from(bound), &mut text).map_err(|_| SealProblem::Refused)?.len();
    text.truncate(length);
    Ok(text)
}

/// Writes the file whole or not at all: of several processes that start at once, one makes the key and all read it.
fn create(path: &Path) -> std::io::Result<()> {
    let draft = path.with_added_extension(format!("{}.new", super::fresh::random_name()));
    let written = write_draft(&draft).and_then(|()| match std::fs::hard_link(&draft, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    });
    let removed = std::fs::remove_file(&draft);
    written.and(removed)?;
    // The name must last as well as the bytes: a key lost to a power cut would take every private key with it.
    File::open(path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new(".")))?
        .sync_all()
}

fn write_draft(draft: &Path) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    let bytes: Zeroizing<[u8; KEY_BYTES]> = Zeroizing::new(random());
    file.write_all(bytes.as_slice())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn master(byte: u8) -> MasterKey {
        MasterKey::from_bytes(Zeroizing::new([byte; KEY_BYTES]))
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens_in_its_place_only(
            plain in prop::collection::vec(any::<u8>(), 0..300),
            place in prop::array::uniform3("[a-c]{0,2}"),
            other in prop::array::uniform3("[a-c]{0,2}"),
        ) {
            let parts: Vec<&str> = place.iter().map(String::as_str).collect();
            let others: Vec<&str> = other.iter().map(String::as_str).collect();
            let sealed = master(1).seal(&parts, &plain).expect("seals");
            prop_assert_eq!(master(1).open(&parts, &sealed).expect("opens").to_vec(), plain);
            prop_assert_eq!(master(2).open(&parts, &sealed), Err(SealProblem::OtherMaster));
            let moved = master(2).rewrap(&master(1), &parts, &sealed).expect("wraps");
            prop_assert_eq!(master(2).open(&parts, &moved).expect("opens").to_vec(), master(1).open(&parts, &sealed).expect("opens").to_vec());
            prop_assert_eq!(master(1).open(&parts, &moved), Err(SealProblem::OtherMaster));
            if parts != others {
                prop_assert_eq!(master(1).open(&others, &sealed), Err(SealProblem::Refused));
                prop_assert_eq!(master(2).rewrap(&master(1), &others, &sealed), Err(SealProblem::Refused));
            }
        }

        #[test]
        fn a_changed_value_does_not_open(at in any::<prop::sample::Index>(), bit in 0_u8..8) {
            let mut sealed = master(1).seal(&["a"], b"secret").expect("seals");
            let changed = at.index(sealed.len());
            sealed[changed] ^= 1 << bit;
            prop_assert!(master(1).open(&["a"], &sealed).is_err());
            let cut = at.index(sealed.len());
            prop_assert!(master(1).open(&["a"], &sealed[..cut]).is_err());
        }
    }

    #[test]
    fn a_master_key_is_made_once_and_kept_private() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("master.key");
        let made = MasterKey::load_or_create(&path).expect("made");
        let read = MasterKey::load_or_create(&path).expect("read");
        assert_eq!(made.bytes, read.bytes);
        assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).expect("there").count(), 1);
        assert_eq!(format!("{made:?}"), "MasterKey(…)");
        std::fs::set_permissions(&path, Permissions::from_mode(0o640)).expect("changed");
        assert!(matches!(MasterKey::load_or_create(&path), Err(MasterKeyProblem::Open { mode: 0o640, .. })));
        std::fs::write(&path, [0; 33]).expect("written");
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("changed");
        assert!(matches!(MasterKey::load_or_create(&path), Err(MasterKeyProblem::Length { .. })));
    }
}
