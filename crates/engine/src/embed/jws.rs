//! The one form of JWS (RFC 7515, compact) that an embed token has: EdDSA over Ed25519 (RFC 8037), a `kid`, a JSON object.
//!
//! A general library brings every algorithm that a JWT may name; what is not there cannot be asked for. Nothing of the
//! claims is read before the signature holds.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde_json::{Map, Value, json};

/// The only `alg`.
const ALGORITHM: &str = "EdDSA";
/// The only `typ`, in any case of letters; it may be missing.
const TYPE: &str = "JWT";

/// A token of the right form, whose signature nobody has looked at.
pub(super) struct Unverified<'a> {
    /// Which key it says to be signed with.
    pub(super) kid: String,
    /// What is signed: header and claims, as they came.
    pub(super) signed: &'a str,
    claims: &'a str,
    signature: Signature,
}

impl<'a> Unverified<'a> {
    /// Takes a token apart. Its length is the caller's to bound.
    ///
    /// # Errors
    /// What is wrong, for the operator's log.
    pub(super) fn parse(text: &'a str) -> Result<Self, &'static str> {
        let (signed, signature) = text.rsplit_once('.').ok_or("it is no JWT")?;
        let (header, claims) = signed.split_once('.').ok_or("it is no JWT")?;
        if claims.contains('.') {
            return Err("it has more than three parts");
        }
        let header = object(header).ok_or("its header is no JSON object")?;
        if header.get("alg").and_then(Value::as_str) != Some(ALGORITHM) {
            return Err("its alg is not EdDSA");
        }
        if header.contains_key("crit") {
            return Err("its header asks for an extension (crit)");
        }
        let is_jwt = |typ: &Value| typ.as_str().is_some_and(|typ| typ.eq_ignore_ascii_case(TYPE));
        if header.get("typ").is_some_and(|typ| !is_jwt(typ)) {
            return Err("its typ is not JWT");
        }
        let kid = header.get("kid").and_then(Value::as_str).ok_or("its header names no kid")?.to_owned();
        let signature = decoded(signature).and_then(|bytes| Signature::from_slice(&bytes).ok());
        Ok(Self { kid, signed, claims, signature: signature.ok_or("its signature is no Ed25519 signature")? })
    }

    /// The claims, if the key that [`Unverified::kid`] names has signed them.
    ///
    /// # Errors
    /// What is wrong, for the operator's log.
    pub(super) fn verify(&self, public_key: &[u8; 32]) -> Result<Value, &'static str> {
        let key = VerifyingKey::from_bytes(public_key).map_err(|_| "its public key is no Ed25519 key")?;
        key.verify_strict(self.signed.as_bytes(), &self.signature)
            .map_err(|_| "its signature does not fit its kid")?;
        object(self.claims).map(Value::Object).ok_or("its claims are no JSON object")
    }
}

/// Signs `claims` with the key that `kid` names.
pub(super) fn sign(key: &SigningKey, kid: &str, claims: &Value) -> String {
    let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = json!({ "alg": ALGORITHM, "kid": kid, "typ": TYPE });
    let signed = format!("{}.{}", encoded(&header), encoded(claims));
    let signature = URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()).to_bytes());
    format!("{signed}.{signature}")
}

/// Without padding, and with no second way to write the same bytes.
fn decoded(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok()
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&decoded(part)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [3; 32];

    fn key() -> SigningKey {
        SigningKey::from_bytes(&KEY)
    }

    fn public() -> [u8; 32] {
        key().verifying_key().to_bytes()
    }

    /// Signs these very bytes as header and claims.
    fn raw(header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = URL_SAFE_NO_PAD.encode(key().sign(signed.as_bytes()).to_bytes());
        format!("{signed}.{signature}")
    }

    fn verdict(text: &str) -> Result<Value, &'static str> {
        Unverified::parse(text)?.verify(&public())
    }

    #[test]
    fn what_is_signed_is_read_back() {
        let claims = json!({ "sub": "ada", "n": [1, null] });
        let text = sign(&key(), "embed-1", &claims);
        let token = Unverified::parse(&text).unwrap();
        assert_eq!(token.kid, "embed-1");
        assert_eq!(token.signed, &text[..text.rfind('.').unwrap()]);
        assert_eq!(token.verify(&public()), Ok(claims));
    }

    /// RFC 8037, appendix A.4: the key, the header (which names no kid) and the signature of its example.
    #[test]
    fn the_signature_is_that_of_the_standards_example() {
        let bytes = |text: &str| <[u8; 32]>::try_from(decoded(text).unwrap()).unwrap();
        let key = SigningKey::from_bytes(&bytes("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"));
        assert_eq!(key.verifying_key().to_bytes(), bytes("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"));
        let (signed, signature) = (
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
        );
        let signature = Signature::from_slice(&decoded(signature).unwrap()).unwrap();
        assert_eq!(key.sign(signed.as_bytes()), signature);
    }

    #[test]
    fn headers_are_read_strictly() {
        let check = |header: &str, told: Result<(), &str>| {
            assert_eq!(verdict(&raw(header, "{}")).map(drop), told, "{header}");
        };
        check(r#"{"alg":"EdDSA","kid":"k"}"#, Ok(()));
        check(r#"{"alg":"EdDSA","kid":"k","typ":"jwt","cty":"x"}"#, Ok(()));
        check(r#"{"alg":"EdDSA","kid":"k","typ":"at+jwt"}"#, Err("its typ is not JWT"));
        check(r#"{"alg":"EdDSA","kid":"k","typ":null}"#, Err("its typ is not JWT"));
        for alg in
            [r#""none""#, r#""None""#, r#""HS256""#, r#""ES256""#, r#""eddsa""#, "null", r#"["EdDSA"]"#]
        {
            check(&format!(r#"{{"alg":{alg},"kid":"k"}}"#), Err("its alg is not EdDSA"));
        }
        check(r#"{"kid":"k"}"#, Err("its alg is not EdDSA"));
        check(r#"{"alg":"EdDSA"}"#, Err("its header names no kid"));
        check(r#"{"alg":"EdDSA","kid":7}"#, Err("its header names no kid"));
        let crit = Err("its header asks for an extension (crit)");
        check(r#"{"alg":"EdDSA","kid":"k","crit":["b64"],"b64":false}"#, crit);
        check(r#"{"alg":"EdDSA","kid":"k","crit":[]}"#, crit);
        let odd = Err("its header is no JSON object");
        check("", odd);
        check("[]", odd);
        check(r#"{"alg":"EdDSA","kid":"k"}{}"#, odd);
        check(&"[".repeat(100_000), odd);
    }

    #[test]
    fn claims_must_be_one_json_object() {
        let check = |claims: &str| {
            let told = verdict(&raw(r#"{"alg":"EdDSA","kid":"k"}"#, claims));
            assert_eq!(told, Err("its claims are no JSON object"), "{claims}");
        };
        check("");
        check("7");
        check("{}{}");
        check(&"{\"a\":".repeat(100_000));
    }

    #[test]
    fn the_form_is_exact() {
        let good = sign(&key(), "k", &json!({}));
        let parts: Vec<&str> = good.split('.').collect();
        let [header, claims, signature] = parts[..] else { panic!("{good}") };
        let check = |text: String, told: &str| assert_eq!(verdict(&text), Err(told), "{text}");
        check(String::new(), "it is no JWT");
        check(header.into(), "it is no JWT");
        check(format!("{header}.{claims}"), "it is no JWT");
        check(format!("{good}.{signature}"), "it has more than three parts");
        check(format!("{good}."), "it has more than three parts");
        check(format!(".{good}"), "it has more than three parts");
        for odd in ["", "AA", &format!("{signature}="), &format!("{signature}AA"), &format!(" {signature}")] {
            check(format!("{header}.{claims}.{odd}"), "its signature is no Ed25519 signature");
        }
        // 64 bytes leave four bits of the last letter free: a strict reader knows one form of them.
        let other_last = format!("{}{}", &signature[..85], next_letter(signature));
        check(format!("{header}.{claims}.{other_last}"), "its signature is no Ed25519 signature");
        check(format!("{header}=.{claims}.{signature}"), "its header is no JSON object");
        check(format!("{header}.{claims}=.{signature}"), "its signature does not fit its kid");
    }

    /// The last letter with its lowest, unused bit set.
    fn next_letter(text: &str) -> char {
        const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let last = LETTERS.find(&text[text.len() - 1..]).unwrap();
        LETTERS.as_bytes()[last + 1] as char
    }

    #[test]
    fn signatures_that_anybody_could_make_are_refused() {
        let good = sign(&key(), "k", &json!({}));
        let token = Unverified::parse(&good).unwrap();
        let unfit = Err("its signature does not fit its kid");
        assert_eq!(token.verify(&SigningKey::from_bytes(&[4; 32]).verifying_key().to_bytes()), unfit);
        // The neutral point as key: without the strict check, R neutral and s = 0 would "sign" everything.
        let mut neutral = [0; 32];
        neutral[0] = 1;
        let mut signature = [0; 64];
        signature[0] = 1;
        let forged = format!("{}.{}", token.signed, URL_SAFE_NO_PAD.encode(signature));
        assert_eq!(Unverified::parse(&forged).unwrap().verify(&neutral), unfit);
    }
}
