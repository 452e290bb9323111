//! A method of encryption: `AES-<mode>[/pad:<padding>]`.

use aes::cipher::block_padding::{NoPadding, Pkcs7};
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit, StreamCipher};
use aes::{Aes128, Aes192, Aes256};
use aes_gcm::AesGcm;
use aes_gcm::aead::{Aead, Nonce, Payload, consts::U12};
use sha2::Sha256;

use crate::error::{Error, Result};

const BLOCK: usize = 16;
const TAG: usize = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Gcm,
    Cbc,
    Ecb,
    Ctr,
    Ofb,
    Cfb,
}

/// How data are encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Method {
    mode: Mode,
    is_padded: bool,
}

/// The key of a passphrase. It has to be the same each time, so there is no salt but this.
pub(super) fn key_of(passphrase: &str) -> Result<Vec<u8>> {
    const ROUNDS: u32 = 4096;
    let mut key = vec![0; 32];
    pbkdf2::pbkdf2_hmac::<Sha256>(passphrase.as_bytes(), b"snowglobe", ROUNDS, &mut key);
    Ok(key)
}

impl Method {
    /// The method of this text; AES-GCM where there is none.
    pub(super) fn parse(text: Option<&str>) -> Result<Method> {
        let Some(text) = text else {
            return Ok(Method {
                mode: Mode::Gcm,
                is_padded: true,
            });
        };
        let malformed = || {
            Error::encryption_fault(format_args!(
                "Malformed encryption method parameter: {text}"
            ))
        };
        let (algorithm, rest) = text.split_once('-').ok_or_else(malformed)?;
        let (mode, padding) = match rest.split_once('/') {
            None => (rest, "PKCS"),
            Some((mode, padding)) => (mode, padding.strip_prefix("pad:").ok_or_else(malformed)?),
        };
        let is_word =
            |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if ![algorithm, mode, padding].into_iter().all(is_word) {
            return Err(malformed());
        }
        let [algorithm, mode, padding] = [algorithm, mode, padding].map(str::to_ascii_uppercase);
        let unsupported = |what: &str, word: &str| {
            Err(Error::encryption_fault(format_args!(
                "Unsupported encryption {what}: {word}"
            )))
        };
        if algorithm != "AES" {
            return unsupported("algorithm", &algorithm);
        }
        let mode = match mode.as_str() {
            "GCM" => Mode::Gcm,
            "CBC" => Mode::Cbc,
            "ECB" => Mode::Ecb,
            "CTR" => Mode::Ctr,
            "OFB" => Mode::Ofb,
            "CFB" => Mode::Cfb,
            _ => return unsupported("mode", &mode),
        };
        let is_padded = match padding.as_str() {
            "PKCS" => true,
            "NONE" => false,
            _ => return unsupported("padding", &padding),
        };
        Ok(Method { mode, is_padded })
    }

    fn mode_name(self) -> &'static str {
        match self.mode {
            Mode::Gcm => "GCM",
            Mode::Cbc => "CBC",
            Mode::Ecb => "ECB",
            Mode::Ctr => "CTR",
            Mode::Ofb => "OFB",
            Mode::Cfb => "CFB",
        }
    }

    /// Bytes of an initialization vector.
    pub(super) fn iv_size(self) -> usize {
        match self.mode {
            Mode::Gcm => 12,
            Mode::Ecb => 0,
            _ => BLOCK,
        }
    }

    /// Bytes of a tag; 0 in a mode that does not authenticate.
    pub(super) fn tag_size(self) -> usize {
        match self.mode {
            Mode::Gcm => TAG,
            _ => 0,
        }
    }

    pub(super) fn random_iv(self) -> Result<Vec<u8>> {
        let mut iv = vec![0; self.iv_size()];
        getrandom::fill(&mut iv).map_err(|error| Error::internal(error.to_string()))?;
        Ok(iv)
    }

    pub(super) fn check_key(self, key: &[u8]) -> Result<()> {
        match key.len() {
            16 | 24 | 32 => Ok(()),
            size => Err(Error::encryption_fault(format_args!(
                "Key size of {} bits not found for encryption algorithm AES",
                size * 8
            ))),
        }
    }

    pub(super) fn check_iv(self, iv: &[u8]) -> Result<()> {
        if iv.len() == self.iv_size() {
            return Ok(());
        }
        Err(Error::encryption_fault(format_args!(
            "IV/Nonce of size {} bits needs to be of size of {} bits for encryption mode {}",
            iv.len() * 8,
            self.iv_size() * 8,
            self.mode_name()
        )))
    }

    fn check_data(self, data: &[u8], aad: Option<&[u8]>) -> Result<()> {
        if aad.is_some() && self.mode != Mode::Gcm {
            return Err(Error::encryption_fault(format_args!(
                "Encryption mode {} does not support AAD",
                self.mode_name()
            )));
        }
        let in_blocks = matches!(self.mode, Mode::Cbc | Mode::Ecb);
        if in_blocks && !self.is_padded && !data.len().is_multiple_of(BLOCK) {
            return Err(Error::encryption_fault(format_args!(
                "Data size ({} bytes) needs to be a multiple of block size ({BLOCK} bytes) if padding is disabled",
                data.len()
            )));
        }
        Ok(())
    }

    /// The ciphertext, and the tag in a mode that has one. Key and initialization vector are of the right sizes.
    pub(super) fn encrypt(
        self,
        data: &[u8],
        key: &[u8],
        iv: &[u8],
        aad: Option<&[u8]>,
    ) -> Result<(Vec<u8>, Vec<u8>)> {
        self.check_data(data, aad)?;
        if self.mode == Mode::Gcm {
            let payload = Payload {
                msg: data,
                aad: aad.unwrap_or_default(),
            };
            let mut sealed = match key.len() {
                16 => seal::<AesGcm<Aes128, U12>>(key, iv, payload),
                24 => seal::<AesGcm<Aes192, U12>>(key, iv, payload),
                _ => seal::<AesGcm<Aes256, U12>>(key, iv, payload),
            }
            .ok_or_else(|| Error::internal("GCM refused its input"))?;
            let tag = sealed.split_off(sealed.len().saturating_sub(TAG));
            return Ok((sealed, tag));
        }
        let ciphertext = match key.len() {
            16 => aes128::encrypt(self, data, key, iv),
            24 => aes192::encrypt(self, data, key, iv),
            _ => aes256::encrypt(self, data, key, iv),
        };
        let ciphertext = ciphertext.ok_or_else(|| Error::internal("AES refused its input"))?;
        Ok((ciphertext, vec![]))
    }

    /// The data of a ciphertext.
    pub(super) fn decrypt(
        self,
        ciphertext: &[u8],
        key: &[u8],
        iv: &[u8],
        aad: Option<&[u8]>,
        tag: &[u8],
    ) -> Result<Vec<u8>> {
        self.check_data(ciphertext, aad)?;
        let data = if self.mode == Mode::Gcm {
            let sealed = [ciphertext, tag].concat();
            let payload = Payload {
                msg: &sealed,
                aad: aad.unwrap_or_default(),
            };
            match key.len() {
                16 => open::<AesGcm<Aes128, U12>>(key, iv, payload),
                24 => open::<AesGcm<Aes192, U12>>(key, iv, payload),
                _ => open::<AesGcm<Aes256, U12>>(key, iv, payload),
            }
        } else {
            match key.len() {
                16 => aes128::decrypt(self, ciphertext, key, iv),
                24 => aes192::decrypt(self, ciphertext, key, iv),
                _ => aes256::decrypt(self, ciphertext, key, iv),
            }
        };
        data.ok_or_else(|| {
            Error::encryption_fault(
                "Decryption failed. Check encrypted data, key, AAD, or AEAD tag.",
            )
        })
    }
}

fn seal<C: Aead + KeyInit>(key: &[u8], iv: &[u8], payload: Payload<'_, '_>) -> Option<Vec<u8>> {
    let nonce = Nonce::<C>::try_from(iv).ok()?;
    C::new_from_slice(key).ok()?.encrypt(&nonce, payload).ok()
}

fn open<C: Aead + KeyInit>(key: &[u8], iv: &[u8], payload: Payload<'_, '_>) -> Option<Vec<u8>> {
    let nonce = Nonce::<C>::try_from(iv).ok()?;
    C::new_from_slice(key).ok()?.decrypt(&nonce, payload).ok()
}

/// The modes without authentication, for each size of a key. `None` where the input is not what the mode takes.
macro_rules! unauthenticated {
    ($($name:ident: $aes:ty;)*) => { $(
        mod $name {
            use super::*;

            pub(super) fn encrypt(
                method: Method,
                data: &[u8],
                key: &[u8],
                iv: &[u8],
            ) -> Option<Vec<u8>> {
                Some(match (method.mode, method.is_padded) {
                    (Mode::Cbc, padded) => {
                        let mode = cbc::Encryptor::<$aes>::new_from_slices(key, iv).ok()?;
                        match padded {
                            true => mode.encrypt_padded_vec::<Pkcs7>(data),
                            false => mode.encrypt_padded_vec::<NoPadding>(data),
                        }
                    }
                    (Mode::Ecb, padded) => {
                        let mode = ecb::Encryptor::<$aes>::new_from_slice(key).ok()?;
                        match padded {
                            true => mode.encrypt_padded_vec::<Pkcs7>(data),
                            false => mode.encrypt_padded_vec::<NoPadding>(data),
                        }
                    }
                    (Mode::Cfb, _) => {
                        let mut data = data.to_vec();
                        cfb_mode::Encryptor::<$aes>::new_from_slices(key, iv).ok()?.encrypt(&mut data);
                        data
                    }
                    _ => stream(method, data, key, iv)?,
                })
            }

            pub(super) fn decrypt(
                method: Method,
                data: &[u8],
                key: &[u8],
                iv: &[u8],
            ) -> Option<Vec<u8>> {
                match (method.mode, method.is_padded) {
                    (Mode::Cbc, padded) => {
                        let mode = cbc::Decryptor::<$aes>::new_from_slices(key, iv).ok()?;
                        match padded {
                            true => mode.decrypt_padded_vec::<Pkcs7>(data).ok(),
                            false => mode.decrypt_padded_vec::<NoPadding>(data).ok(),
                        }
                    }
                    (Mode::Ecb, padded) => {
                        let mode = ecb::Decryptor::<$aes>::new_from_slice(key).ok()?;
                        match padded {
                            true => mode.decrypt_padded_vec::<Pkcs7>(data).ok(),
                            false => mode.decrypt_padded_vec::<NoPadding>(data).ok(),
                        }
                    }
                    (Mode::Cfb, _) => {
                        let mut data = data.to_vec();
                        cfb_mode::Decryptor::<$aes>::new_from_slices(key, iv).ok()?.decrypt(&mut data);
                        Some(data)
                    }
                    _ => stream(method, data, key, iv),
                }
            }

            /// CTR and OFB, which are the same both ways.
            fn stream(method: Method, data: &[u8], key: &[u8], iv: &[u8]) -> Option<Vec<u8>> {
                let mut data = data.to_vec();
                match method.mode {
                    Mode::Ctr => ctr::Ctr128BE::<$aes>::new_from_slices(key, iv)
                        .ok()?
                        .try_apply_keystream(&mut data),
                    Mode::Ofb => ofb::Ofb::<$aes>::new_from_slices(key, iv)
                        .ok()?
                        .try_apply_keystream(&mut data),
                    _ => return None,
                }
                .ok()?;
                Some(data)
            }
        }
    )* };
}

unauthenticated! {
    aes128: Aes128;
    aes192: Aes192;
    aes256: Aes256;
}
