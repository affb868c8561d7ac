//! The expected signatures come from Python's `hmac` module and Node's `crypto`; the last vector is that of the reference libraries.

use super::{Signer, SigningKeyError, verify};
use crate::{SigningKey, SigningScheme};
use base64::Engine as _;
use wigwag_base::{Secret, Timestamp};

const SMALLEST: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
const REFERENCE: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn largest() -> String {
    format!("whsec_{}w==", "/".repeat(85))
}

fn key(text: &str) -> SigningKey {
    SigningKey::parse(text).unwrap()
}

#[test]
fn signatures_are_those_of_the_specification() {
    let now = Timestamp::from_secs(9);
    let check = |text: &str, id, s, body: &[u8], mac: &str| {
        let signature = Signer::new(&[key(text)]).signature(id, s, body, now).unwrap();
        assert_eq!(signature, format!("v1,{mac}"));
        assert!(verify(&key(text), id, s, body, &signature));
    };
    let uuid = "0190b6a6-0000-8000-8000-000000000000";
    let binary = b"\x00\xff".repeat(500);
    check(SMALLEST, "msg_1", 1_700_000_000, b"{\"a\":1}", "YOREwC5BRUvI4ezImQEgEteB7JbPr/Iy2YCZe049/5g=");
    check(SMALLEST, uuid, 0, b"", "B0UMl0zxgsCTNGDSHLGYIwvCvznCS4rTzhE+VZjvwLo=");
    check(SMALLEST, "x", -5, &binary, "tG0ZA6EU3GtL6bDLM0XC3u1IxEoKyJtRPaPU5i3ih3M=");
    check(&largest(), "msg_1", 1_700_000_000, b"{\"a\":1}", "Q7Uv8HrSJKrk+/hts3XaT92dcT0tEOGWiYTtBcnhwMk=");
    check(&largest(), uuid, 0, b"", "lHjCNmv6+GDTelExvFKf3l6iVZJUC8ED1LjuETe5SMU=");
    check(&largest(), "x", -5, &binary, "hkQBec8LyZTsRopYNbVTr1UXnmpHId7Zd8ysAvo33+c=");
    let (id, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", b"{\"test\": 2432232314}");
    check(REFERENCE, id, 1_614_265_330, body, "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

#[test]
fn every_key_signs_until_it_runs_out() {
    let at = Timestamp::from_secs;
    let old = SigningKey { expires_at: Some(at(100)), ..key(SMALLEST) };
    let signer = Signer::new(&[key(REFERENCE), old.clone()]);
    let check = |now_s, count| {
        let header = signer.signature("m", 5, b"x", at(now_s)).unwrap();
        assert_eq!(header.split(' ').count(), count, "{now_s}");
        assert!(verify(&key(REFERENCE), "m", 5, b"x", &header));
        assert_eq!(verify(&old, "m", 5, b"x", &header), count == 2);
    };
    check(99, 2);
    check(100, 1);
    assert_eq!(Signer::new(&[old]).signature("m", 5, b"x", at(100)), None);
    assert_eq!(Signer::new(&[]).signature("m", 5, b"x", Timestamp::from_secs(0)), None);
}

#[test]
fn a_changed_part_does_not_verify() {
    let good = Signer::new(&[key(REFERENCE)]).signature("m", 5, b"x", Timestamp::from_secs(0)).unwrap();
    let check = |text: &str, id, s, body: &[u8], header: &str| {
        assert!(!verify(&key(text), id, s, body, header), "{id} {s} {header}");
    };
    check(SMALLEST, "m", 5, b"x", &good);
    check(REFERENCE, "n", 5, b"x", &good);
    check(REFERENCE, "m", 6, b"x", &good);
    check(REFERENCE, "m", 5, b"y", &good);
    for header in ["", "v1,", "v1,AAAA", &good[3..], &good.replace("v1,", "v2,"), &good[..good.len() - 4]] {
        check(REFERENCE, "m", 5, b"x", header);
    }
    assert!(verify(&key(REFERENCE), "m", 5, b"x", &format!("v1a,zzz v1,??? {good}")));
}

#[test]
fn a_signing_key_is_whsec_and_the_base64_of_24_to_64_bytes() {
    for good in [SMALLEST, REFERENCE, &largest()] {
        assert_eq!(key(good).format().expose(), good);
    }
    assert_eq!(key(&largest().replace('=', "")), key(&largest()));
    let check = |text: &str, why| assert_eq!(SigningKey::parse(text), Err(why), "{text}");
    check("", SigningKeyError::Prefix);
    check("WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", SigningKeyError::Prefix);
    check("whsec_", SigningKeyError::Length);
    check("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaQ", SigningKeyError::Length);
    check(&format!("whsec_{}", "A".repeat(87)), SigningKeyError::Length);
    check("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2La-_Sw", SigningKeyError::Base64);
    check("whsec_ MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", SigningKeyError::Base64);
    check("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", SigningKeyError::Base64);
}

#[test]
fn nothing_prints_a_key() {
    let signer = Signer::new(&[key(REFERENCE)]);
    let printed = format!("{signer:?} {:?} {:?}", key(REFERENCE), Secret::new(REFERENCE));
    assert_eq!(
        printed,
        "Signer of 1 keys SigningKey { scheme: Hmac, key: [secret], expires_at: None } [secret]"
    );
}

/// The seed 0, 1, ... 31.
const SEED: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

#[test]
fn ed25519_signs_what_its_public_half_verifies() {
    let key = key(&format!("whsk_{SEED}"));
    assert_eq!(key.scheme, SigningScheme::Ed25519);
    let public = key.public_key().unwrap();
    assert_eq!(public, "whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=");
    let pair = key.format();
    assert_eq!(SigningKey::parse(pair.expose()), Ok(key.clone()), "with its public key behind it");
    let header = Signer::new(std::slice::from_ref(&key))
        .signature("msg_1", 1_700_000_000, b"{}", Timestamp::from_secs(0))
        .unwrap();
    let signature =
        "fR8yyhXRO0do/WxNS4zXzRCZpGO+mwd0OAbs9Yr4JTAZF2y4KGv3H0dFLUCKzYN4xVJij9U5gkTIbHLMAd6YCQ==";
    assert_eq!(header, format!("v1a,{signature}"));
    assert!(verify(&key, "msg_1", 1_700_000_000, b"{}", &format!("v1,AAAA {header}")));
    assert!(!verify(&key, "msg_2", 1_700_000_000, b"{}", &header));
    assert!(!verify(&key, "msg_1", 1_700_000_000, b"{ }", &header));
    assert!(!verify(&key, "msg_1", 1_700_000_000, b"{}", "v1a,AAAA v1a,!"));
    let both = [self::key(SMALLEST), key];
    let header = Signer::new(&both).signature("msg_1", 1, b"", Timestamp::from_secs(0)).unwrap();
    let versions: Vec<_> = header.split(' ').map(|one| one.split(',').next().unwrap()).collect();
    assert_eq!(versions, ["v1", "v1a"]);
}

#[test]
fn halves_that_do_not_belong_together_are_refused() {
    let refused = |text: &str, error| assert_eq!(SigningKey::parse(text), Err(error), "{text}");
    refused("whsk_AAAA", SigningKeyError::Pair);
    refused("whsk_!", SigningKeyError::Base64);
    let wrong = [[1_u8; 32], [2; 32]].concat();
    refused(
        &format!("whsk_{}", base64::engine::general_purpose::STANDARD.encode(wrong)),
        SigningKeyError::Pair,
    );
    refused(&format!("whsk_{SEED}AAAA"), SigningKeyError::Base64);
    refused(&format!("whpk_{SEED}"), SigningKeyError::Prefix);
}
